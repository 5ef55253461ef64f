"use client";
import { useState } from "react";
import { IconButton } from "./button.tsx";
import { CheckIcon, CopyIcon } from "./icons.tsx";

export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <IconButton label={copied ? "Copied" : label} onClick={() => void copy()}>
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
