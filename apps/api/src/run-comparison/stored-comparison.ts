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
  furtherColumns,
  furtherEvidence,
  type HeadOverlap,
  headOverlap,
  type MechanismRow,
  mechanismRow,
  type PairedRuns,
  pairRuns,
  Resampler,
  type RunReport,
} from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import type { ReadRun } from "./read-runs.ts";

/** As the engine draws when it compares two runs. */
const [SAMPLES, SEED] = [2000, 1];

interface Parts {
  runs: readonly ReadRun[];
  axis: ComparisonAxis;
  /** Place of the baseline among the runs. */
  baseline: number;
  differences: readonly Difference[];
  /** Whether some of the differences make its numbers mean different things. */
  forced: boolean;
  readBulk: () => Promise<RunReport[]>;
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

  /** Whole reports, but with those arrays only that comparisons use. */
  reports(): Promise<RunReport[]> {
    return this.once("reports", () => this.parts.readBulk());
  }

  /** The run's row of the mechanism table, with the evidence of its further analyses. */
  row(place: number): Promise<MechanismRow> {
    return this.once(`row ${place}`, async () => {
      const report = (await this.reports())[place]!;
      return mechanismRow(report, {
        evidence: furtherEvidence(report),
        more: furtherColumns(report),
        resampler: this.resampler(report.receipt.settings.bootstrapSamples),
      });
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

  /** Heads of the baseline and of another run, matched by what they do. @throws ApiError BAD_USER_INPUT for too many permutations */
  matching(place: number, permutations: number): FunctionalMatching {
    const [one, other] = [this.baseline, place].map(
      (at) => this.runs[at]!.report.argumentPassing.heads.length,
    );
    checkPermutations(one!, other!, permutations);
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

const MAX_PERMUTATIONS = 999;
/** Steps of all assignments of one matching: about a second, in which the server does nothing else. */
const MAX_STEPS = 1e9;

function checkPermutations(one: number, other: number, permutations: number): void {
  const [few, many] = [Math.min(one, other), Math.max(one, other)];
  const most = Math.max(0, Math.min(MAX_PERMUTATIONS, Math.floor(MAX_STEPS / (few * few * many)) - 1));
  if (permutations < 0 || permutations > most)
    throw new ApiError(
      "BAD_USER_INPUT",
      `matching(permutations: ${permutations}): allowed are 0 to ${most} between models of ${one} and ${other} heads`,
    );
}
