import { CopyButton } from "@/ui/copy-button.tsx";

/** The start of a hash, with the whole of it to hover and to copy. */
export function Hash({ value }: { value: string }) {
  return (
    <span className="inline-flex items-center gap-1" data-tip={value}>
      <code className="font-mono text-xs">{value.slice(0, 12)}</code>
      <span className="-my-0.5">
        <CopyButton text={value} label="Copy the whole hash" className="size-6!" />
      </span>
    </span>
  );
}
