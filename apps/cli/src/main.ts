import { DEFAULT_DEVICE, DEVICE_CHOICES } from "@recallscope/engine";
import { Command, CommanderError } from "commander";
import { activationsCommand } from "./commands/activations.ts";
import { eventsCommand } from "./commands/events.ts";
import { exportCommand } from "./commands/export.ts";
import { importCommand } from "./commands/import.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { interveneCommand } from "./commands/intervene.ts";
import { listCommand } from "./commands/list.ts";
import { memory, oneOf, wholeNumber } from "./commands/options.ts";
import { pruneCommand } from "./commands/prune.ts";
import { runCommand } from "./commands/run.ts";
import { studyCommand } from "./commands/study.ts";
import { sweepCommand } from "./commands/sweep.ts";
import { taskCommand } from "./commands/task/index.ts";
import { tokenCommand } from "./commands/token/index.ts";
import { EXIT, reportFailure } from "./failure.ts";

/**
 * Runs one command. Results go to stdout, progress and errors to stderr.
 * Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
 */
export async function main(argv: readonly string[]): Promise<void> {
  process.stdout.on("error", closedPipe);
  try {
    await createProgram().parseAsync(argv);
  } catch (error) {
    // Commander has printed its own message; help and version come this way too, with code 0.
    process.exitCode =
      error instanceof CommanderError ? (error.exitCode === 0 ? 0 : EXIT.usage) : reportFailure(error);
  }
}

function createProgram(): Command {
  const program = new Command("recallscope")
    .description("measure how a language model recalls facts")
    .option("--threads <n>", "threads of the engine (default: all cores)", wholeNumber(1, 1024))
    .option(
      "--max-memory <size>",
      "weights and activations held at once, such as 12GB; blocks that do not fit are read in turns (default: four fifths of what is free)",
      memory,
    )
    .option(
      "--device <device>",
      `what computes: ${DEVICE_CHOICES.join(", ")}; auto is the fastest that agrees with the CPU (default: ${DEFAULT_DEVICE})`,
      oneOf(DEVICE_CHOICES),
    )
    .option("--quiet", "no progress on stderr")
    .showHelpAfterError("(see recallscope --help)")
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  const commands = [
    inspectCommand,
    runCommand,
    studyCommand,
    activationsCommand,
    sweepCommand,
    interveneCommand,
    taskCommand,
    exportCommand,
    importCommand,
    listCommand,
    tokenCommand,
    pruneCommand,
    eventsCommand,
  ];
  for (const add of commands) add(program);
  inherit(program);
  return program;
}

function inherit(parent: Command): void {
  for (const command of parent.commands) inherit(command.copyInheritedSettings(parent));
}

/** `recallscope ... | head` is no failure. */
function closedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
}
