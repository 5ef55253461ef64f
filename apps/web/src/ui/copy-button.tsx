"use client";
import { IconButton } from "./button.tsx";
import { useCopied } from "./copy-text.ts";
import { CheckIcon, CopyIcon } from "./icons.tsx";

export function CopyButton(props: { text: string; label?: string; className?: string }) {
  const { text, label = "Copy", className } = props;
  const [copied, copy] = useCopied();
  return (
    <IconButton label={copied ? "Copied" : label} onClick={() => copy(text)} className={className}>
      {copied ? <CheckIcon className="text-good" /> : <CopyIcon />}
    </IconButton>
  );
}

/** A command or query to take away. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <div>
      <div className="flex h-8 items-center justify-between">
        <span className="label">{label}</span>
        <CopyButton text={code} label={`Copy ${label}`} />
      </div>
      <pre className="rounded-md break-words whitespace-pre-wrap bg-sunken px-3 py-2 font-mono text-xs leading-[18px] text-ink-2">
        {code}
      </pre>
    </div>
  );
}
