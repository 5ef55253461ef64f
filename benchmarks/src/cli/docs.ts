import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { LOAD_SCHEMA, type LoadReport } from "../load/load-report.ts";
import { loadSection } from "../load/markdown.ts";
import { page } from "../report/markdown.ts";
import { type BenchReport, SCHEMA } from "../report/report.ts";
import { orExit } from "./exit.ts";

const BENCHMARKS = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const RESULTS = path.join(BENCHMARKS, "results.json");
const LOAD = path.join(BENCHMARKS, "load.json");
const PAGE = path.resolve(BENCHMARKS, "../docs/benchmarks.md");

/** `npm run bench:docs`: the page of benchmarks/results.json and benchmarks/load.json, and with `--check` whether the committed one is it. */
async function docs(args: readonly string[]): Promise<void> {
  const report = await measured<BenchReport>(RESULTS, SCHEMA);
  const load = await measured<LoadReport>(LOAD, LOAD_SCHEMA);
  const text = `${page(report, await notes())}\n${loadSection(load)}\n`;
  if (!args.includes("--check")) await writeFile(PAGE, text);
  else if ((await readFile(PAGE, "utf8").catch(() => "")) !== text)
    throw new Error(
      "docs/benchmarks.md is not what benchmarks/results.json and benchmarks/load.json say: npm run bench:docs",
    );
}

async function measured<T extends { schema: number }>(file: string, schema: number): Promise<T> {
  const report = JSON.parse(await readFile(file, "utf8")) as T;
  if (report.schema !== schema)
    throw new Error(`${file}: schema ${report.schema} (this is ${schema}: measure again)`);
  return report;
}

/** `notes/ID.md` of each row that has one. */
async function notes(): Promise<Map<string, string>> {
  const folder = path.join(BENCHMARKS, "notes");
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith(".md"));
  const entries = files.map(
    async (file) => [path.basename(file, ".md"), await readFile(path.join(folder, file), "utf8")] as const,
  );
  return new Map(await Promise.all(entries));
}

await orExit(docs(process.argv.slice(2)));
