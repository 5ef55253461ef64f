import { collect, npm, packageProgram, turbo } from "./commands.mjs";
import { install } from "./install.mjs";
import { sourceFiles } from "./source-files.mjs";
import { guarded, StepError, step } from "./steps.mjs";
import { violations } from "./structure.mjs";

/** `npm run check`: everything that must hold besides the tests. All checks run; any failure makes the exit code 1. */
export const check = () =>
  guarded(async () => {
    await step("Installing packages", install);
    const failed = [];
    for (const [title, work] of Object.entries(CHECKS)) {
      try {
        await step(title, work);
      } catch (error) {
        process.stderr.write(`${error instanceof StepError ? error.message : error.stack}\n`);
        failed.push(title);
      }
    }
    if (failed.length > 0) throw new StepError(`failed: ${failed.join("; ")}`);
    console.log("all checks passed");
  });

const CHECKS = {
  "Format and lint": () =>
    ok(collect(process.execPath, [packageProgram("@biomejs/biome/bin/biome"), "check", "."])),
  Types: () => turbo("typecheck", "--continue"),
  "Types of the benchmarks": () =>
    ok(collect(process.execPath, [packageProgram("typescript/bin/tsc"), "-p", "benchmarks", "--noEmit"])),
  "Types of the examples": () =>
    ok(collect(process.execPath, [packageProgram("typescript/bin/tsc"), "-p", "examples", "--noEmit"])),
  "Committed schema.graphql is what the code prints": () =>
    ok(npm(["run", "schema", "-w", "@recallscope/api", "--", "--check"])),
  "Migrations lead to schema.prisma": () =>
    ok(npm(["run", "migration", "-w", "@recallscope/api", "--", "--check"])),
  "docs/benchmarks.md is what the numbers say": () => ok(npm(["run", "bench:docs", "--", "--check"])),
  "File sizes and imports": () => {
    const found = violations(sourceFiles());
    if (found.length > 0) throw new StepError(found.join("\n"));
  },
};

async function ok(running) {
  const { code, output } = await running;
  if (code !== 0) throw new StepError(output);
}
