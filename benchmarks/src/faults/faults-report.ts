export const FAULTS_SCHEMA = 1;

/** What `test:faults --json` writes. */
export interface FaultsReport {
  schema: typeof FAULTS_SCHEMA;
  date: string;
  parts: FaultsOutcome[];
}

export interface FaultsOutcome {
  name: "embedded" | "api" | "worker" | "database";
  kills: number;
  runs: number;
  /** Seconds from a kill until every run had ended. */
  longest: number;
  /** Everything that was lost, doubled, stuck or different. */
  problems: string[];
}

const TITLES: Record<FaultsOutcome["name"], string> = {
  embedded: "server with its embedded store",
  api: "server on PostgreSQL",
  worker: "worker",
  database: "PostgreSQL itself",
};

/** The section of `docs/benchmarks.md`. */
export function faultsSection({ date, parts }: FaultsReport): string {
  const rows = parts.map(
    ({ name, kills, runs, longest, problems }) =>
      `| ${TITLES[name]} | ${kills} | ${runs} | ${longest.toFixed(0)} s | ${problems.length} |`,
  );
  return [
    "## Killed in the middle",
    `\`npm run test:faults -- --json benchmarks/faults.json\` on ${date.slice(0, 10)}: each part is killed with -9 at random moments of a run of a bundled model and started again. After each kill every run must end
with the report and the arrays of an undisturbed one, to the bit; nothing that was acknowledged may be lost, nothing stored twice.`,
    [
      "| killed | times | runs stored | all ended within | lost, doubled, stuck or different |",
      "| --- | ---: | ---: | ---: | ---: |",
      ...rows,
    ].join("\n"),
  ].join("\n\n");
}
