import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { StudyReport } from "@recallscope/engine";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recallscope } from "./recallscope.ts";

let folder: string;
let env: Record<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "recallscope-study-"));
  env = { RECALLSCOPE_DATA: path.join(folder, "data") };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const COMMON = ["--model", "recall-gpt2-1m", "--bootstrap", "200", "--lead-ins", "1", "--analyses", "none"];
const study = (...args: string[]) => recallscope(["study", ...COMMON, ...args], env);

describe("study", () => {
  it("measures each task once, keeps the runs, and skips a task that cannot be asked", async () => {
    const json = path.join(folder, "study.json");
    const tasks = "country-capital,element-symbol,country-continent";
    const first = await study("--tasks", tasks, "--json", json);
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/^country-capital +\d+\/48/m);
    expect(first.stdout).toMatch(/^not asked: country-continent: .*have the answer/m);
    const [report]: StudyReport[] = JSON.parse(await readFile(json, "utf8"));
    expect(report!.runs.map(({ receipt }) => receipt.taskId)).toEqual(["country-capital", "element-symbol"]);

    // A plain run is the same run, and the study again makes nothing anew.
    const run = await recallscope(["run", ...COMMON, "--task", "element-symbol"], env);
    expect(run.stdout).toMatch(/: found in the store/);
    const again = await study("--tasks", tasks, "--json", json);
    const [second]: StudyReport[] = JSON.parse(await readFile(json, "utf8"));
    expect(second!.runs).toEqual(report!.runs);
    expect(again.stdout).toBe(first.stdout);
  });

  it("keeps its runs together under a name, those it finds as well as those it makes", async () => {
    const { code, stderr } = await study(
      ...["--tasks", "element-symbol,country-continent", "--shots", "0,1", "--name", "for the paper"],
    );
    expect([code, stderr]).toEqual([0, expect.anything()]);
    const { openDatabase } = await import("../../api/src/database/open-database.ts");
    const { prisma, close } = await openDatabase({ dataFolder: env.RECALLSCOPE_DATA!, databaseUrl: null });
    const { cells, ...kept } = await prisma.study.findUniqueOrThrow({
      where: { name: "for the paper" },
      select: {
        settings: true,
        cells: {
          orderBy: [{ taskPlace: "asc" }, { settingsPlace: "asc" }],
          select: {
            model: { select: { name: true } },
            task: { select: { slug: true } },
            run: { select: { shots: true, status: true } },
          },
        },
      },
    });
    await close();
    expect(kept.settings).toMatchObject([{ shots: 0 }, { shots: 1 }]);
    expect(cells).toEqual(
      [0, 1].map((shots) => ({
        model: { name: "recall-gpt2-1m" },
        task: { slug: "element-symbol" },
        run: { shots, status: "SUCCEEDED" },
      })),
    );
  });

  it.each([
    [["--tasks", "country-capital", "--shots", "9"], "whole numbers from 0 to 8"],
    [["--tasks", "element-symbol", "--name", " "], "study name: allowed are 1 to 200"],
    [["--tasks", "nothing"], "nothing is not in tasks/"],
    [["--tasks", "all", "--analyses", "magic"], "standard, all, none"],
  ])("refuses %s", async (args, message) => {
    const { code, stderr } = await study(...args);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });
});
