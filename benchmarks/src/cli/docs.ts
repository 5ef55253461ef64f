import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { FAULTS_SCHEMA, faultsSection } from "../faults/faults-report.ts";
import { MEMORY_SCHEMA, memorySection } from "../large/memory-report.ts";
import { LOAD_SCHEMA } from "../load/load-report.ts";
import { loadSection } from "../load/markdown.ts";
import { page } from "../report/markdown.ts";
import { type BenchReport, SCHEMA } from "../report/report.ts";
import { webSection } from "../web/markdown.ts";
import { WEB_SCHEMA } from "../web/web-report.ts";
import { WORKERS_SCHEMA, workersSection } from "../workers/workers-report.ts";
import { orExit } from "./exit.ts";

const BENCHMARKS = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const RESULTS = path.join(BENCHMARKS, "results.json");
const PAGE = path.resolve(BENCHMARKS, "../docs/benchmarks.md");

/** Further sections of the page, each of a file of figures beside results.json; what nobody has measured has no section. */
const SECTIONS = [
  section("memory.json", MEMORY_SCHEMA, memorySection),
  section("load.json", LOAD_SCHEMA, loadSection),
  section("workers.json", WORKERS_SCHEMA, workersSection),
  section("faults.json", FAULTS_SCHEMA, faultsSection),
  section("web.json", WEB_SCHEMA, webSection),
];

/** `npm run bench:docs`: the page of the figures in benchmarks/, and with `--check` whether the committed one is it. */
async function docs(args: readonly string[]): Promise<void> {
  const report = await measured<BenchReport>(RESULTS, SCHEMA);
  const sections = (await Promise.all(SECTIONS.map((read) => read()))).filter((text) => text !== null);
  const text = [page(report, await notes()), ...sections].map((part) => `${part.trimEnd()}\n`).join("\n");
  if (!args.includes("--check")) await writeFile(PAGE, text);
  else if ((await readFile(PAGE, "utf8").catch(() => "")) !== text)
    throw new Error("docs/benchmarks.md is not what the figures in benchmarks/ say: npm run bench:docs");
}

function section<Report extends { schema: number }>(
  file: string,
  schema: number,
  write: (report: Report) => string,
): () => Promise<string | null> {
  const place = path.join(BENCHMARKS, file);
  return async () => (existsSync(place) ? write(await measured<Report>(place, schema)) : null);
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
