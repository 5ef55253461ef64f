import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { packageProgram, passThrough, turbo } from "./commands.mjs";
import { install } from "./install.mjs";
import { guarded, step } from "./steps.mjs";

/** Needs a C compiler and a driver that few machines have; see docs/devices.md. `npm run test:devices` has it. */
const LEFT_OUT = "!half";

/** `npm test`: install what is missing, build what is stale, run the vitest projects. `args` go to vitest. */
export const test = (args) =>
  guarded(async () => {
    await step("Installing packages", install);
    await step("Building what is stale", () => turbo("build"));
    const folder = mkdtempSync(path.join(tmpdir(), "recallscope-test-"));
    const report = path.join(folder, "report.json");
    const code = await passThrough(process.execPath, [
      packageProgram("vitest/vitest.mjs"),
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
      `--project=${LEFT_OUT}`,
      ...args,
    ]);
    const summary = summarise(existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : null);
    rmSync(folder, { recursive: true, force: true });
    // For a caller that wants to repeat the line after npm's own last words.
    if (process.env.TEST_SUMMARY_FILE) writeFileSync(process.env.TEST_SUMMARY_FILE, `${summary.line}\n`);
    if (summary.skipped > 0) console.log(`${summary.skipped} skipped`);
    console.log(summary.line);
    process.exitCode = code !== 0 ? code : summary.failed > 0 ? 1 : 0;
  });

/**
 * Counts of vitest's JSON report. A file that fails before its first test (a broken import, a failed setup) counts as one
 * failure; no report at all counts as one too.
 */
export function summarise(report) {
  if (report === null) return { passed: 0, failed: 1, skipped: 0, line: "0 passed, 1 failed" };
  const brokenFiles = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((result) => result.status === "failed"),
  ).length;
  const passed = report.numPassedTests;
  const failed = report.numFailedTests + brokenFiles;
  const skipped = report.numPendingTests + report.numTodoTests;
  return { passed, failed, skipped, line: `${passed} passed, ${failed} failed` };
}
