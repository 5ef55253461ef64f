/** What looks like a secret wherever it stands: our tokens, the hub's, passwords in addresses, authorization headers. */
const PATTERNS: readonly [RegExp, string][] = [
  [/\brsc_[\w-]{20,}/g, "rsc_[redacted]"],
  [/\bhf_\w{16,}/g, "hf_[redacted]"],
  [/(\b[a-z][\w+.-]*:\/\/[^\s:/@"]*:)[^\s@"/]+@/gi, "$1[redacted]@"],
  [/(\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}/gi, "$1[redacted]"],
];
/** Shorter ones are common words: hiding them would hide more than it protects. */
const SHORTEST = 4;

const kept = new Set<string>();

/** Names a secret of this process, so that `redact` knows it in any place and in its usual encodings. */
export function keepSecret(secret: string | null | undefined): void {
  if (!secret || secret.length < SHORTEST) return;
  for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
    kept.add(form);
}

/** A text without secrets; for everything that leaves this process: logs, errors, events. */
export function redact(text: string): string {
  let safe = text;
  for (const secret of kept) safe = safe.replaceAll(secret, "[redacted]");
  for (const [pattern, replacement] of PATTERNS) safe = safe.replace(pattern, replacement);
  return safe;
}
