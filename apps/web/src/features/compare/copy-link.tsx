"use client";
import { Button } from "@/ui/button.tsx";
import { useCopied } from "@/ui/copy-text.ts";
import { CheckIcon, LinkIcon } from "@/ui/icons.tsx";

/** Copies the address: it holds the whole view. */
export function CopyLink() {
  const [copied, copy] = useCopied();
  return (
    <Button look="quiet" onClick={() => copy(window.location.href)}>
      {copied ? <CheckIcon size={14} className="text-good" /> : <LinkIcon size={14} />}
      {copied ? "Copied" : "Copy link"}
    </Button>
  );
}
