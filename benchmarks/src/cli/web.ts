import { writeFile } from "node:fs/promises";
import os from "node:os";
import { parseArgs } from "node:util";
import type { Browser } from "playwright-core";
import { startPostgres } from "../../../apps/api/test/support/postgres.ts";
import { ask } from "../load/client.ts";
import { startServer } from "../load/server.ts";
import { thisMachine } from "../machine.ts";
import { launch } from "../web/browser.ts";
import { Figures } from "../web/figures.ts";
import { fill } from "../web/fill.ts";
import { visitComparePage, visitHome, visitLivePrompt, visitRunsPage } from "../web/measure-other-pages.ts";
import { visitRunPage } from "../web/measure-run-page.ts";
import {
  isMet,
  judged,
  median,
  missed,
  print,
  SHAPE,
  TARGETS,
  WEB_SCHEMA,
  type WebReport,
} from "../web/web-report.ts";
import { countOption } from "./count-option.ts";
import { orExit } from "./exit.ts";

const USAGE = `usage: npm run bench:web -- [--runs N] [--rounds N] [--url URL | --serve] [--json FILE]

  --runs N      stored runs (10000)
  --rounds N    visits to each page (7)
  --serve       fill a store and serve it until Ctrl-C, without measuring
  --url URL     measure such a server
  --json FILE   write the figures`;
const PORT = 3978;
const BUNDLED = "recall-gpt2";
const say = (line: string) => process.stderr.write(`› ${line} ...\n`);

/** `npm run bench:web`: the built dashboard in a real browser, over a store with many and large runs. */
async function web(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  if (options.url) return measure(options.url, options);
  const postgres = await startPostgres();
  try {
    const database = await postgres.createDatabase("recallscope");
    await fill(database, options.runs, say);
    say("starting the server");
    const server = await startServer(database, PORT);
    try {
      if (options.serve) {
        process.stdout.write(`serving ${server.url} until Ctrl-C\n`);
        await new Promise((resolve) => process.once("SIGINT", resolve));
      } else await measure(server.url, options);
    } finally {
      await server.stop();
    }
  } finally {
    await postgres.remove();
  }
}

async function measure(url: string, { rounds, json }: Options): Promise<void> {
  const loadBefore = os.loadavg()[0]!;
  const { total, ids, bundled } = await chosenRuns(url);
  const browser = await launch();
  const figures = new Figures();
  try {
    // Once unmeasured: what the server compiles and caches at its first visitor is not what a visitor waits for.
    await visitAll(browser, url, { ids, bundled }, new Figures());
    for (let round = 1; round <= rounds; round++) {
      say(`visiting all pages, ${round} of ${rounds}`);
      await visitAll(browser, url, { ids, bundled }, figures);
    }
    const machine = { ...thisMachine(), chromium: browser.version() };
    const report = { machine, loadBefore, runs: total, figures: figures.all() };
    await finish({ schema: WEB_SCHEMA, date: new Date().toISOString(), ...report }, json);
  } finally {
    await browser.close();
  }
}

async function visitAll(
  browser: Browser,
  url: string,
  { ids, bundled }: { ids: readonly string[]; bundled: string },
  figures: Figures,
): Promise<void> {
  await visitHome(browser, url, figures);
  await visitRunsPage(browser, `${url}/runs`, figures);
  await visitComparePage(browser, `${url}/compare?runs=${ids.join(",")}`, figures);
  await visitRunPage(browser, `${url}/runs/${ids[0]}`, figures);
  await visitLivePrompt(browser, `${url}/runs/${bundled}?tab=heads&prompt=0`, figures);
}

const CHOSEN = `query ($model: String!, $first: Int!, $bundled: String!) {
  all: runs(first: 1) { totalCount }
  large: runs(first: $first, filter: { model: $model }) { edges { node { id } } }
  bundled: runs(first: 1, filter: { model: $bundled }) { edges { node { id } } }
}`;
type Runs = { edges: { node: { id: string } }[] };

async function chosenRuns(url: string): Promise<{ total: number; ids: string[]; bundled: string }> {
  const { all, large, bundled } = await ask<{ all: { totalCount: number }; large: Runs; bundled: Runs }>(
    url,
    CHOSEN,
    {
      model: `owner/shape-${SHAPE.layers}x${SHAPE.heads}`,
      first: SHAPE.compared,
      bundled: BUNDLED,
    },
  );
  const [live] = bundled.edges;
  if (large.edges.length < SHAPE.compared || !live)
    throw new Error(
      `${url} has ${large.edges.length} runs of the shape of ${SHAPE.name} and ${live ? "one" : "none"} of ${BUNDLED}: start it with --serve`,
    );
  return { total: all.totalCount, ids: large.edges.map(({ node }) => node.id), bundled: live.node.id };
}

async function finish(report: WebReport, json: string | undefined): Promise<void> {
  for (const figure of report.figures) {
    const { kind, name, values } = figure;
    const [middle, worst, target] = [median(values), Math.max(...values), TARGETS[kind]].map((value) =>
      print(kind, value),
    );
    process.stdout.write(
      `${isMet(figure) ? "met   " : "MISSED"} ${name.padEnd(62)} median ${middle}, worst ${worst}, n ${values.length}; target under ${target}\n`,
    );
  }
  if (json) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
  const problems = missed(report);
  for (const problem of problems) process.stdout.write(`missed: ${problem}\n`);
  const most = (kind: keyof typeof TARGETS) =>
    print(kind, Math.max(...report.figures.filter((figure) => figure.kind === kind).map(judged)));
  process.stdout.write(
    `first paint ${most("paint")}, slowest interaction ${most("interaction")}, scrolling ${most("frame")} a frame, run page ${most("script")} of JavaScript\n`,
  );
  if (problems.length > 0) process.exitCode = 1;
}

interface Options {
  runs: number;
  rounds: number;
  url: string | undefined;
  serve: boolean;
  json: string | undefined;
}

function readOptions(args: readonly string[]): Options {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { runs: text, rounds: text, url: text, serve: flag, json: text, help: flag },
  });
  if (values.help) throw new Error(USAGE);
  const { url, serve = false, json } = values;
  return {
    runs: countOption("runs", values.runs, 10_000, USAGE),
    rounds: countOption("rounds", values.rounds, 7, USAGE),
    url: url?.replace(/\/$/, ""),
    serve,
    json,
  };
}

await orExit(web(process.argv.slice(2)));
