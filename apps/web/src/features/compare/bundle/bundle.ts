import type { Explanation } from "@/features/explanations.ts";
import { escaped } from "@/format/markup.ts";
import { shotsLabel } from "@/format/runs.ts";
import type { Comparison } from "../queries.ts";

/** What a static bundle consists of besides the style sheets. */
export interface BundleParts {
  title: string;
  note: string | null;
  /** Address of the page, with the view it had. */
  address: string;
  /** ISO 8601. */
  createdAt: string;
  /** The report as it is on the screen, without anything to press. */
  report: Element;
  /** CSS pixels that the report was laid out in. */
  width: number;
  styles: string;
  explanations: readonly Explanation[];
  runs: Comparison["runs"];
  /** Every number of the page, as the server gave it. */
  numbers: unknown;
}

/** Nothing is fetched, whatever the file's parts may say. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
/** The page's styles know themes by an attribute; it follows the system. */
const FOLLOW_SYSTEM = `const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => { document.documentElement.dataset.theme = dark.matches ? "dark" : "light"; };
follow(); dark.addEventListener("change", follow);`;

/** One HTML file that opens from disk without a server and asks for nothing. */
export function bundleHtml(parts: BundleParts): string {
  const { title, note, address, createdAt, report, width } = parts;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Recallscope">
<title>${escaped(title)}</title>
<style>
${parts.styles.replaceAll("</", "<\\/")}
</style>
<script>${FOLLOW_SYSTEM}</script>
</head>
<body>
<main class="mx-auto px-8 pt-8 pb-24" style="max-width: ${Math.ceil(width) + 64}px">
<h1 class="text-2xl">${escaped(title)}</h1>
${note ? `<p class="mt-1 text-ink-2">${escaped(note)}</p>` : ""}
<p class="label mt-2 break-all">Made with Recallscope from ${escaped(address)} on ${escaped(createdAt.slice(0, 10))}. This file stands alone: its figures, tables and numbers are in it.</p>
<div class="mt-6">${report.outerHTML}</div>
${formulas(parts.explanations)}
${receipts(parts.runs)}
</main>
<script type="application/json" id="numbers">
${JSON.stringify({ title, note, address, createdAt, ...(parts.numbers as object) }).replaceAll("<", "\\u003c")}
</script>
</body>
</html>
`;
}

const formulas = (
  explanations: readonly Explanation[],
): string => `<section class="mt-10" aria-label="Formulas">
<h2 class="mb-3 text-lg">Formulas</h2>
<dl class="grid gap-4 text-sm">
${explanations
  .map(
    ({ title, unit, meaning, formula, source }) => `<div>
<dt class="font-medium">${escaped(title)}</dt>
<dd class="text-ink-2">${escaped(meaning)}</dd>
<dd><pre class="mt-1 rounded-md bg-sunken px-3 py-2 font-mono text-xs whitespace-pre-wrap">${escaped(formula)}</pre></dd>
<dd class="label mt-1">Unit: ${escaped(unit)}. Source: ${escaped(source)}.</dd>
</div>`,
  )
  .join("\n")}
</dl>
</section>`;

const RECEIPT_COLUMNS = [
  "Run",
  "Model",
  "Weights (sha-256)",
  "Tokenizer (sha-256)",
  "Task (sha-256)",
  "Settings",
  "Computed",
  "Repeat it",
];

function receipts(runs: Comparison["runs"]): string {
  const rows = runs.map(({ run }) => {
    const { receipt, settings } = run;
    if (!receipt) return [run.key, run.model.name, "", "", run.task.slug, "", "", ""];
    return [
      run.key,
      `${receipt.modelName} (${receipt.model.dtype})`,
      receipt.model.weightHash,
      receipt.model.tokenizerHash,
      `${receipt.taskSlug} ${receipt.taskHash}`,
      `${shotsLabel(settings.shots)}, seed ${settings.seed}, ${settings.leadIns} lead-ins, known filter ${settings.knownFilter}, ${settings.bootstrapSamples} resamples`,
      `${receipt.startedAt}, engine ${receipt.engineVersion}, semantics ${receipt.semanticsVersion}, ${receipt.computeDtype} on ${receipt.device}`,
      receipt.command,
    ];
  });
  const cells = (tag: string, texts: readonly string[]) =>
    texts
      .map(
        (text) =>
          `<${tag} class="border-t border-line/70 px-3 py-2 text-left align-top break-all">${escaped(text)}</${tag}>`,
      )
      .join("");
  return `<section class="mt-10" aria-label="Receipts">
<h2 class="mb-3 text-lg">Receipts</h2>
<div class="overflow-x-auto rounded-lg border border-line bg-surface">
<table class="w-full text-xs" aria-label="Receipts">
<thead><tr>${cells("th", RECEIPT_COLUMNS)}</tr></thead>
<tbody>${rows.map((row) => `<tr>${cells("td", row)}</tr>`).join("\n")}</tbody>
</table>
</div>
</section>`;
}
