import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { page } from "../report/markdown.ts";
import { type BenchReport, SCHEMA } from "../report/report.ts";
import { orExit } from "./exit.ts";

const BENCHMARKS = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const RESULTS = path.join(BENCHMARKS, "results.json");
const PAGE = path.resolve(BENCHMARKS, "../docs/benchmarks.md");

/** `npm run bench:docs`: the page of benchmarks/results.json, and with `--check` whether the committed one is it. */
async function docs(args: readonly string[]): Promise<void> {
  const report = JSON.parse(await readFile(RESULTS, "utf8")) as BenchReport;
  if (report.schema !== SCHEMA)
    throw new Error(`${RESULTS}: schema ${report.schema} (this is ${SCHEMA}: measure again)`);
  const text = page(report, await notes());
  if (!args.includes("--check")) await writeFile(PAGE, text);
  else if ((await readFile(PAGE, "utf8").catch(() => "")) !== text)
    throw new Error("docs/benchmarks.md is not what benchmarks/results.json says: npm run bench:docs");
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
