import { writeFile } from "node:fs/promises";
import os from "node:os";
import { parseArgs } from "node:util";
import { query, startPostgres } from "../../../apps/api/test/support/postgres.ts";
import { fill } from "../load/fill.ts";
import { LOAD_SCHEMA, type LoadReport, missed, ms, TARGETS } from "../load/load-report.ts";
import { measureCompare } from "../load/measure-compare.ts";
import { measurePages } from "../load/measure-pages.ts";
import { keepComputing, startServer } from "../load/server.ts";
import { measureSubscribers } from "../load/subscribers.ts";
import { thisMachine } from "../machine.ts";
import { countOption } from "./count-option.ts";
import { orExit } from "./exit.ts";

const USAGE = `usage: npm run bench:load -- [--runs N] [--rounds N] [--json FILE]

  --runs N      stored runs (10000)
  --rounds N    how often each query is asked (40)
  --json FILE   write the figures`;
const PORT = 3977;
const say = (line: string) => process.stderr.write(`› ${line} ...\n`);

/** `npm run bench:load`: a team's server on PostgreSQL, with many stored runs, while a run is computed. */
async function load(args: readonly string[]): Promise<void> {
  const { runs, rounds, json } = options(args);
  const postgres = await startPostgres();
  try {
    const url = await postgres.createDatabase("recallscope");
    const compared = await fill(url, runs, say);
    const machine = { ...thisMachine(), postgres: await versionOf(url) };
    const loadBefore = os.loadavg()[0]!;
    say("starting the server");
    const server = await startServer(url, PORT);
    try {
      const busy = await keepComputing(server.url);
      say("turning pages");
      const pages = await measurePages(server.url, rounds);
      say("comparing");
      // The large ones first: the smaller ones' first time is then that of these runs, not of the program.
      const [compareLarge, compare] = await measureCompare(server.url, compared.toReversed(), rounds);
      await busy.end();
      say(`following one run ${TARGETS.subscribers} times`);
      const subscribers = await measureSubscribers(server.url, TARGETS.subscribers);
      const date = new Date().toISOString();
      const databaseMb = await sizeOf(url);
      await finish(
        {
          schema: LOAD_SCHEMA,
          date,
          machine,
          loadBefore,
          runs,
          databaseMb,
          pages,
          compare: compare!,
          compareLarge: compareLarge!,
          subscribers,
        },
        json,
      );
    } finally {
      await server.stop();
    }
  } finally {
    await postgres.remove();
  }
}

async function versionOf(url: string): Promise<string> {
  const { rows } = await query(url, "show server_version");
  return String(rows[0].server_version);
}

async function sizeOf(url: string): Promise<number> {
  const { rows } = await query(url, "select pg_database_size(current_database()) as bytes");
  return Math.round(Number(rows[0].bytes) / 2 ** 20);
}

async function finish(report: LoadReport, json: string | undefined): Promise<void> {
  const { runs, pages, compare, compareLarge, subscribers } = report;
  for (const { name, medianMs, p95Ms, worstMs } of [
    ...pages.variants,
    compare.first,
    compare.again,
    compareLarge.first,
    compareLarge.again,
  ])
    process.stdout.write(
      `${name.padEnd(60)} median ${ms(medianMs)}, p95 ${ms(p95Ms)}, worst ${ms(worstMs)}\n`,
    );
  if (json) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
  const problems = missed(report);
  for (const problem of problems) process.stdout.write(`missed: ${problem}\n`);
  const { complete, count } = subscribers;
  process.stdout.write(
    `${runs} runs: page p95 ${ms(pages.all.p95Ms)}, compare p95 ${ms(compare.again.p95Ms)}, ${complete} of ${count} subscribers served to the end\n`,
  );
  if (problems.length > 0) process.exitCode = 1;
}

function options(args: readonly string[]): { runs: number; rounds: number; json: string | undefined } {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { runs: text, rounds: text, json: text, help: { type: "boolean" } },
  });
  if (values.help) throw new Error(USAGE);
  return {
    runs: countOption("runs", values.runs, 10_000, USAGE),
    rounds: countOption("rounds", values.rounds, 40, USAGE),
    json: values.json,
  };
}

await orExit(load(process.argv.slice(2)));
