import {
  type ComparedHead,
  type ComparedMetric,
  type ComparisonAxis,
  type Concentration,
  compareHeads,
  compareMetrics,
  concentration,
  type Difference,
  type FunctionalMatching,
  functionalMatching,
  type HeadOverlap,
  headOverlap,
  type MechanismRow,
  type PairedRuns,
  pairRuns,
  Resampler,
  type RunReport,
} from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import { makeRow } from "../results/stored-row.ts";
import type { ComparisonRequest } from "./compare-stored-runs.ts";
import type { ReadRun } from "./read-runs.ts";

/** As the engine draws when it compares two runs. */
const [SAMPLES, SEED] = [2000, 1];

const USUAL_PERMUTATIONS = 99;
const MAX_PERMUTATIONS = 999;
/** Steps of all assignments of one matching: about a second, in which the server does nothing else. */
const MAX_STEPS = 1e9;

interface Parts {
  runs: readonly ReadRun[];
  axis: ComparisonAxis;
  /** Place of the baseline among the runs. */
  baseline: number;
  differences: readonly Difference[];
  /** Whether some of the differences make its numbers mean different things. */
  forced: boolean;
  readBulk: () => Promise<RunReport[]>;
  /** Stores the row of a run that had none. */
  keepRow: (runId: string, row: object) => Promise<void>;
}

/** Runs beside each other. Nothing is read or computed before it is asked for, nor twice. */
export class StoredComparison {
  private readonly memory = new Map<string, unknown>();

  constructor(private readonly parts: Parts) {}

  get runs() {
    return this.parts.runs;
  }
  get axis() {
    return this.parts.axis;
  }
  get baseline() {
    return this.parts.baseline;
  }
  get differences() {
    return this.parts.differences;
  }
  get forced() {
    return this.parts.forced;
  }

  /** What asks for the same again, whatever becomes the newest run of a key. */
  request(): ComparisonRequest {
    const ids = this.runs.map(({ run }) => run.id);
    return { ids, axis: this.axis, baseline: ids[this.baseline]!, force: this.forced };
  }

  /** Whole reports, but with those arrays only that comparisons use. */
  reports(): Promise<RunReport[]> {
    return this.once("reports", () => this.parts.readBulk());
  }

  /** The run's row of the mechanism table, with the evidence of its further analyses. */
  row(place: number): Promise<MechanismRow> {
    return this.once(`row ${place}`, async () => {
      const { run, row } = this.runs[place]!;
      if (row !== null) return row;
      const report = (await this.reports())[place]!;
      const made = makeRow(report, this.resampler(report.receipt.settings.bootstrapSamples));
      await this.parts.keepRow(run.id, made);
      return made.row;
    });
  }

  concentration(place: number): Concentration {
    return this.once(`concentration ${place}`, () => concentration(this.runs[place]!.report));
  }

  /** The baseline (a) and another run (b), and what of them can be paired. */
  pairing(place: number): Promise<PairedRuns> {
    return this.once(`pairing ${place}`, async () => {
      const reports = await this.reports();
      return pairRuns(reports[this.baseline]!, reports[place]!, {
        resampler: this.resampler(SAMPLES),
        acrossSemantics: this.forced,
      });
    });
  }

  metrics(place: number): Promise<ComparedMetric[]> {
    return this.once(`metrics ${place}`, async () => compareMetrics(await this.pairing(place)));
  }

  heads(place: number): Promise<ComparedHead[] | { reason: string }> {
    return this.once(`heads ${place}`, async () => compareHeads(await this.pairing(place)));
  }

  overlap(one: number, other: number): HeadOverlap {
    return this.once(`overlap ${one} ${other}`, () =>
      headOverlap(this.runs[one]!.report, this.runs[other]!.report),
    );
  }

  /** Every two of the runs, by their places. */
  pairs(): { a: number; b: number; overlap: HeadOverlap }[] {
    return this.runs.flatMap((_, a) =>
      this.runs.slice(a + 1).map((_, i) => ({ a, b: a + 1 + i, overlap: this.overlap(a, a + 1 + i) })),
    );
  }

  /** The usual number of shuffles of a matching, or as many as there is time for. */
  usualPermutations(place: number): number {
    return Math.min(USUAL_PERMUTATIONS, this.mostPermutations(place));
  }

  private mostPermutations(place: number): number {
    const heads = [this.baseline, place].map((at) => this.runs[at]!.report.argumentPassing.heads.length);
    const steps = Math.min(...heads) ** 2 * Math.max(...heads);
    return Math.max(0, Math.min(MAX_PERMUTATIONS, Math.floor(MAX_STEPS / steps) - 1));
  }

  /** Heads of the baseline and of another run, matched by what they do. @throws ApiError BAD_USER_INPUT for too many permutations */
  matching(place: number, permutations: number): FunctionalMatching {
    const most = this.mostPermutations(place);
    if (permutations < 0 || permutations > most)
      throw new ApiError(
        "BAD_USER_INPUT",
        `matching(permutations: ${permutations}): allowed are 0 to ${most} between models of these sizes`,
      );
    return this.once(`matching ${place} ${permutations}`, () =>
      functionalMatching(this.runs[this.baseline]!.report, this.runs[place]!.report, { permutations }),
    );
  }

  private resampler(samples: number): Resampler {
    return this.once(`resampler ${samples}`, () => new Resampler(samples, SEED));
  }

  private once<T>(name: string, make: () => T): T {
    if (!this.memory.has(name)) this.memory.set(name, make());
    return this.memory.get(name) as T;
  }
}
