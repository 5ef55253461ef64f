/** A failure the user can do something about: printed as one message, without a stack. */
export class StepError extends Error {}

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/**
 * Runs one step with a line before and after it; a long one reports every 15 s that it is still alive.
 * `work` may return a note that is shown in place of "done".
 */
export async function step(title, work) {
  const since = performance.now();
  process.stdout.write(`› ${title} ...\n`);
  const alive = setInterval(() => process.stdout.write(`  ... ${title}: ${seconds(since)} so far\n`), 15_000);
  try {
    const note = await work();
    process.stdout.write(`  ${note ?? "done"} (${seconds(since)})\n`);
  } catch (error) {
    process.stdout.write(`  failed (${seconds(since)})\n`);
    throw error;
  } finally {
    clearInterval(alive);
  }
}

/** Runs `body`; a StepError ends the process with its message and exit code 1, anything else with its stack. */
export async function guarded(body) {
  try {
    return await body();
  } catch (error) {
    process.stderr.write(
      `\n${error instanceof StepError ? error.message : (error?.stack ?? String(error))}\n`,
    );
    process.exit(1);
  }
}
