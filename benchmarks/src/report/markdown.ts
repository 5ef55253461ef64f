import { machineText } from "../machine.ts";
import type { BenchReport, Ratio, RowReport, SideReport } from "./report.ts";
import { reached, time, times } from "./table.ts";
import { fastestPeer } from "./verdicts.ts";

/** What is said by hand about a row, by its id: above all why a target is missed. */
export type Notes = ReadonlyMap<string, string>;

/** `docs/benchmarks.md`. */
export function page(report: BenchReport, notes: Notes): string {
  const compared = report.rows.filter((row) => !row.series);
  return `${[
    "# Benchmarks",
    intro(report),
    "## Targets",
    targetsTable(compared),
    "## What is algorithm and what is runtime",
    ALGORITHM,
    ...sameAlgorithm(compared),
    factorsTable(compared),
    "## Every side",
    SIDES,
    ...compared.flatMap((row) => section(row, notes)),
    "## Growth",
    GROWTH,
    ...growthTables(report.rows),
    "## How it is measured",
    method(report),
  ].join("\n\n")}\n`;
}

function intro({ date, machine, threads, rounds, versions, quick }: BenchReport): string {
  const names = Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
  return [
    "This page is generated from `benchmarks/results.json` by `npm run bench:docs`; the numbers come from",
    "",
    "```sh",
    "npm run bench:peers -- --json benchmarks/results.json",
    "```",
    "",
    `on ${date.slice(0, 10)}, ${machineText(machine)}; ${threads} threads for every side, medians of ${rounds} round${rounds === 1 ? "" : "s"} in which`,
    "ours and every peer took turns. The model is a seeded random one of GPT-2 small's shape: what is measured does not depend on what a model knows. Quote ratios, not times.",
    `Versions: ${names}.`,
    ...(quick ? ["", "**Tiny sizes (`--quick`): no number below means anything.**"] : []),
  ].join("\n");
}

const ALGORITHM = `A ratio has two factors. *Algorithm* is how many times as much arithmetic the peer does: operations of its matrix products by those of ours, both counted from
the shapes. *Runtime* is how many times as fast we do what we do: GFLOP/s of ours by theirs. Their product is the ratio. The algorithm: one wave of all patched passes through the
layers, only rows that a change reaches, earlier keys and values from the unpatched run, two rows of the unembedding. The loops by hand do what a careful user does (one batch
for all pairs, no gradients, resuming at the patched layer from kept residuals, the last position alone unembedded), but compute whole sequences: leaving out positions that do not
change is the algorithm.`;

/** What the same algorithm comes to without our runtime. */
function sameAlgorithm(rows: readonly RowReport[]): string[] {
  const found = rows.flatMap((row) =>
    row.ratios
      .filter(({ against }) => against === "same-algorithm")
      .map((ratio) => `${ratio.times.toFixed(2)} (${row.id})`),
  );
  if (found.length === 0) return [];
  return [
    `Nothing about the algorithm needs our runtime. Written by hand in torch, it takes, in parts of our time: ${found.join(", ")}. What the engine offers is that nobody has to
write it again for each analysis.`,
  ];
}

const SIDES = `*Ours is* says how many times as fast as that side we are. Peak memory is the highest resident memory while the job ran, model included. Rows with something in *run* are a part
of a long loop, multiplied up. A target speaks of the fastest of the libraries (TransformerLens 3.9 and 4.3, nnsight) and of a loop written by hand with one of them; transformers with hooks
and loops over bare modules are floors, shown beside them.`;

const GROWTH = `The head sweep at the last position, ours alone. Against pairs it should be linear. Against prompt length the unpatched runs are linear and the patched ones do not grow but for
their attention. Against layers there are as many more heads and as much longer a way for each: quadratic. *Per GFLOP* is time by necessary arithmetic: flat is as good as it gets.`;

function method({ peak }: BenchReport): string {
  const speeds = Object.entries(peak.gflops).map(([name, value]) => `${name} ${value!.toFixed(0)}`);
  return `Tokens to numbers, inside each process, after a warm-up; nothing is kept from one run to the next. Peers take no gradients (but for attribution patching), run all pairs in one batch, and ask for the last position's logits
where the library can. Random pairs differ at every position and share nothing; pairs like facts differ in a subject of two tokens. All sides must agree to 1e-4 (of the largest number, where that
is above 1), or the benchmark fails. Necessary arithmetic counts the matrix products of the blocks and of attention, shared beginnings once; norms, activations and copies are left out.
The machine's peak is the best of one product of ${peak.size} x ${peak.size} float32 matrices by each runtime: ${speeds.join(", ")} GFLOP/s. [benchmarks/README.md](../benchmarks/README.md) says how to run it.`;
}

const tableOf = (head: readonly string[], lines: readonly (readonly string[])[]): string =>
  [head, head.map((_, i) => (i === 0 ? "---" : "---:")), ...lines]
    .map((line) => `| ${line.join(" | ")} |`)
    .join("\n");

function targetsTable(rows: readonly RowReport[]): string {
  const lines = rows.flatMap((row) =>
    row.verdicts.map((verdict) => {
      const { target, asked, met } = verdict;
      const peer = target.kind === "times-faster" && !target.than ? fastestPeer(row) : undefined;
      const other = peer && row.sides.find(({ side }) => side === peer.side);
      return [
        `${row.title}: ${row.what}`,
        time(row.sides[0]!.medianMs),
        other ? `${other.label}, ${time(other.medianMs)}` : "",
        asked,
        reached(verdict),
        met === null ? "not measured" : met ? "yes" : "**no**",
      ];
    }),
  );
  return tableOf(["work", "ours", "fastest peer", "target", "reached", "met"], lines);
}

function factorsTable(rows: readonly RowReport[]): string {
  const lines = rows.flatMap((row) =>
    row.ratios.map((ratio) => factors(row, ratio)).filter((line) => line !== null),
  );
  return tableOf(["work", "against", "ratio", "algorithm", "runtime"], lines);
}

/** null where operations were not counted. */
function factors(row: RowReport, { side, label, times: ratio }: Ratio): string[] | null {
  const ours = row.sides[0]!;
  const theirs = row.sides.find((own) => own.side === side)!;
  if (!ours.gflop || !theirs.gflop || !ours.gflopPerSecond || !theirs.gflopPerSecond) return null;
  return [
    row.title,
    label,
    times(ratio),
    times(theirs.gflop / ours.gflop),
    times(ours.gflopPerSecond / theirs.gflopPerSecond),
  ];
}

function section(row: RowReport, notes: Notes): string[] {
  const ours = row.sides[0]!;
  const lines = row.sides.map((side) => [
    side.label,
    time(side.medianMs),
    time(side.minMs),
    side === ours ? "" : times(side.medianMs / ours.medianMs),
    side.peakMb === null ? "" : `${side.peakMb.toFixed(0)} MB`,
    side.gflop === null ? "" : side.gflop.toFixed(side.gflop < 100 ? 1 : 0),
    side.gflopPerSecond === null ? "" : side.gflopPerSecond.toFixed(0),
    agreementText(side),
    side.part ?? "",
  ]);
  const head = [
    "",
    "median",
    "min",
    "ours is",
    "peak memory",
    "GFLOP",
    "GFLOP/s",
    "largest difference",
    "run",
  ];
  const note = notes.get(row.id);
  return [
    `### ${row.title}`,
    `${row.what} (\`--only ${row.id}\`)`,
    tableOf(head, lines),
    ...(note ? [note.trim()] : []),
  ];
}

const agreementText = ({ agreement }: SideReport): string =>
  agreement ? `${agreement.largest.toExponential(1)} of ${agreement.scale.toPrecision(2)}` : "";

function growthTables(rows: readonly RowReport[]): string[] {
  const names = [...new Set(rows.flatMap(({ series }) => series?.name ?? []))];
  return names.map((name) => {
    const own = rows.filter(({ series }) => series?.name === name);
    const lines = own.map(({ series, what, sides: [ours] }) => [
      String(series!.value),
      what,
      time(ours!.medianMs),
      ours!.gflop === null ? "" : ours!.gflop.toFixed(0),
      ours!.gflop ? `${(ours!.medianMs / ours!.gflop).toFixed(2)} ms` : "",
      ours!.peakMb === null ? "" : `${ours!.peakMb.toFixed(0)} MB`,
    ]);
    return tableOf([name, "", "median", "GFLOP", "per GFLOP", "peak memory"], lines);
  });
}
