import { access } from "node:fs/promises";
import path from "node:path";
import { EngineError, SENDERS, SWEEP_IDS, type SweepEstimate } from "@recallscope/engine";
import { type Command, Option } from "commander";
import { checkOutput } from "../files.ts";
import { costLines } from "../output/estimate.ts";
import { grouped } from "../output/numbers.ts";
import { pairs, shapes } from "../output/table.ts";
import { type EngineFlags, withEngine } from "../with-engine.ts";
import { nameList, position, wholeNumber } from "./options.ts";
import { choiceOf, idlePosition, KINDS, type SweepFlags, UsageError } from "./sweep-options.ts";
import { readPairs } from "./sweep-pairs.ts";
import { alphaList, headList, receiverList, spanList } from "./sweep-values.ts";

export const sweepCommand = (program: Command): void => {
  program
    .command("sweep")
    .description(
      "change one place at a time in pairs of prompts and write what becomes of logit(answer) - logit(wrong), or what gradients say",
    )
    .argument("<model>", "a folder, a GGUF file, a name from models/, or a hub id")
    .requiredOption(
      "--input <pairs.json>",
      '{"clean": [...], "corrupted": [...], "answer": [...], "wrong": [...]}: texts or token ids',
    )
    .addOption(
      new Option("--over <places>", "what is changed, one at a time (default: heads)").choices(SWEEP_IDS),
    )
    .addOption(
      new Option(
        "--kind <kind>",
        "zero: scale to 0; denoise: clean value into the corrupted run; noise: the reverse; attribution: a gradient's estimate for every head, MLP and position at once",
      ).choices(KINDS),
    )
    .option(
      "--position <last|N|all>",
      "where (default: last; with `alpha`: all); `zero` takes all positions",
      position,
    )
    .option(
      "--hook <names>",
      "layers-positions: resid_pre,attn_out,mlp_out or others; alpha: z, attn_out or mlp_out",
      nameList,
    )
    .addOption(new Option("--senders <what>", "paths: who sends (default: heads)").choices(SENDERS))
    .option(
      "--receivers <list>",
      "paths: who reads the change, such as final (the default), MLP7, L9H3.q, L9KV1.k",
      receiverList,
    )
    .addOption(
      new Option("--mlps <how>", "paths: whether MLPs on the way answer (default: recompute)").choices([
        "recompute",
        "freeze",
      ]),
    )
    .option(
      "--heads <list>",
      "head-pairs: all pairs among these and each alone, such as L9H8,L10H0; or all",
      headList,
    )
    .option(
      "--alphas <list>",
      "alpha: factors, such as 0,0.5,1 or 0:2:0.25 (default: 0,0.5,1,1.5,2)",
      alphaList,
    )
    .option(
      "--window <layers>",
      "knockout: layers of a window (default: a fifth of the model)",
      wholeNumber(1, 10_000),
    )
    .option(
      "--keys <spans>",
      "knockout: positions that are hidden together, such as 0,3-5 (default: each alone)",
      spanList,
    )
    .option("--logits", "heads: also write last_logits [layer, head, batch, vocabulary]")
    .option("--estimate", "print what it would cost, and run nothing")
    .option("--out <file.safetensors>", "file to write; an interrupted sweep goes on from FILE.partial")
    .action(
      async (
        model: string,
        flags: SweepFlags & EngineFlags & { input: string; out?: string },
        command: Command,
      ) => {
        const sweep = usage(command, () => choiceOf(flags));
        if (!flags.estimate && flags.out === undefined)
          command.error("error: --out is needed (or --estimate, which writes nothing)");
        const engineFlags = command.optsWithGlobals<EngineFlags>();
        if (idlePosition(flags) && !engineFlags.quiet)
          process.stderr.write("note: --kind zero takes all positions; --position last is not used\n");
        const input = await readPairs(flags.input);
        if (flags.estimate && sweep.over !== "attribution") {
          const estimate = await withEngine(engineFlags, (engine, options) =>
            engine.estimateSweep({ model, input, sweep }, options),
          );
          process.stdout.write(`${describe(estimate)}\n`);
          return;
        }
        const out = await checkOutput(flags.out!);
        const { tensors } = await withEngine(engineFlags, (engine, options) =>
          engine.sweep({ model, input, sweep, out }, options),
        ).catch(async (error) => {
          throw await wayOn(error, out);
        });
        process.stdout.write(
          `${shapes(tensors)}\n${tensors.length} tensors in ${path.relative(process.cwd(), out) || out}\n`,
        );
      },
    );
};

/** Ends with commander's own form of a wrong use: a message, the hint at the help, code 2. */
function usage<T>(command: Command, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UsageError) command.error(`error: ${error.message}`);
    throw error;
  }
}

const describe = ({ passes, shards, ...costs }: SweepEstimate): string =>
  pairs([
    ["passes", `${grouped(passes)}, in ${grouped(shards)} part${shards === 1 ? "" : "s"}`],
    ...costLines(costs),
  ]);

/** Says that a cancelled sweep can go on, where something of it is finished. */
async function wayOn(error: unknown, out: string): Promise<unknown> {
  if (!(error instanceof EngineError) || error.code !== "CANCELLED") return error;
  const folder = `${out}.partial`;
  return access(folder).then(
    () =>
      new EngineError(
        "CANCELLED",
        `sweep: cancelled; what is finished is in ${folder}, and the same command goes on from there`,
        { cause: error },
      ),
    () => error,
  );
}
