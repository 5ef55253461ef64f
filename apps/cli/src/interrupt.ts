import { EXIT } from "./failure.ts";

/** Under npx one Ctrl-C arrives twice: from the terminal and from npm. */
const SAME_KEYSTROKE_MS = 1000;

/**
 * Runs `work` with a signal that Ctrl-C or SIGTERM aborts; a second Ctrl-C ends the process at once.
 * @param note what then happens
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  note = "cancelling ...",
): Promise<T> {
  const controller = new AbortController();
  let since = 0;
  const onSignal = () => {
    if (!controller.signal.aborted) {
      since = performance.now();
      process.stderr.write(`\n${note}\n`);
      controller.abort();
    } else if (performance.now() - since > SAME_KEYSTROKE_MS) process.exit(EXIT.interrupted);
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  try {
    return await work(controller.signal);
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}
