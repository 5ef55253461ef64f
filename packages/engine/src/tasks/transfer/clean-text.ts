import type { ChangeRule, ImportReport } from "./import-report.ts";

/**
 * A text as prompts need it: composed accents, single blanks, none outside. Every step that changed it is reported.
 * Byte order marks and zero-width blanks go, wherever they stand.
 */
export function cleanText(text: string, where: string, report: ImportReport): string {
  const steps: [ChangeRule, (text: string) => string][] = [
    ["whitespace", (t) => t.replace(/[\u200b\u2060\ufeff]/g, "")],
    ["nfc", (t) => t.normalize("NFC")],
    ["whitespace", (t) => t.replace(/[\s\u0085]+/gu, " ").replace(/^ | $/g, "")],
  ];
  let current = text;
  for (const [rule, step] of steps) {
    const next = step(current);
    if (next !== current) report.changed.push({ rule, where, from: current, to: next });
    current = next;
  }
  return current;
}
