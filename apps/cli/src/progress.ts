import { RUN_STEPS, type RunProgress } from "@recallscope/engine";
import { Presets, SingleBar } from "cli-progress";

export interface ProgressReporter {
  report(progress: Progress): void;
  stop(): void;
}
export type Progress = Pick<RunProgress, "fraction" | "message"> & { step: string };

/** A bar on a terminal, a plain line per step and tenth elsewhere; on stderr, so that stdout holds results only. */
export const createProgress = (quiet: boolean): ProgressReporter =>
  quiet ? { report: () => {}, stop: () => {} } : process.stderr.isTTY ? bar() : lines();

function textOf(step: string, message: string): string {
  const title = RUN_STEPS.find(({ id }) => id === step)?.title ?? step;
  return message === "" ? title : message.includes(title) ? message : `${title}: ${message}`;
}

function bar(): ProgressReporter {
  const single = new SingleBar(
    {
      format: "{bar} {percentage} % | {text}",
      hideCursor: true,
      stream: process.stderr,
      fps: 8,
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  let started = false;
  return {
    report({ fraction, step, message }) {
      const payload = { text: textOf(step, message) };
      if (!started) single.start(100, 0, payload);
      started = true;
      single.update(Math.floor(fraction * 100), payload);
    },
    stop() {
      if (started) single.stop();
    },
  };
}

function lines(): ProgressReporter {
  let text = "";
  let tenth = -1;
  return {
    report(progress) {
      const now = Math.floor(progress.fraction * 10);
      const next = textOf(progress.step, progress.message);
      if (next === text && now === tenth) return;
      text = next;
      tenth = now;
      const percent = String(Math.floor(progress.fraction * 100)).padStart(3);
      process.stderr.write(`[${percent} %] ${text}\n`);
    },
    stop() {},
  };
}
