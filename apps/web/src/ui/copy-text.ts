"use client";
import { useEffect, useState } from "react";

/** Puts a text on the clipboard. Browsers offer the clipboard to https and localhost only; elsewhere a selection is copied. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  // An open dialog takes the focus back from whatever lies outside it.
  (document.querySelector("[role=dialog]") ?? document.body).append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (!copied) throw new Error("the browser does not let this page copy");
}

const SHOWN_MS = 1500;

/** Copies, and says for a moment what was copied. */
export function useCopied(): [copied: string | null, copy: (text: string, what?: string) => void] {
  const [copied, setCopied] = useState<string | null>(null);
  useEffect(() => {
    if (copied === null) return;
    const timer = setTimeout(() => setCopied(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return [copied, (text, what = "text") => void copyText(text).then(() => setCopied(what))];
}
