"use client";
import { Button } from "./button.tsx";
import { useCopied } from "./copy-text.ts";
import { CheckIcon, LinkIcon } from "./icons.tsx";

/** Copies the page's address, which holds the whole view. */
export function CopyLink() {
  const [copied, copy] = useCopied();
  return (
    <Button onClick={() => copy(window.location.href, "link")} data-tip="The address holds the whole view">
      {copied ? <CheckIcon className="text-good" /> : <LinkIcon />}
      <span aria-live="polite">{copied ? "Copied" : "Copy link"}</span>
    </Button>
  );
}
