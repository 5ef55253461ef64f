import path from "node:path";
import { type Command, Option } from "commander";
import { z } from "zod";
import { checkOutput, readJson } from "../files.ts";
import { shapes } from "../output/table.ts";
import { type EngineFlags, withEngine } from "../with-engine.ts";
import { position } from "./options.ts";

const KINDS = ["zero", "denoise", "noise", "attribution"] as const;
const prompts = z.array(z.array(z.int()).min(1)).min(1);
const pairsSchema = z.strictObject({
  clean: prompts,
  corrupted: prompts,
  answer: z.array(z.int()),
  wrong: z.array(z.int()),
});

interface SweepFlags {
  input: string;
  kind: (typeof KINDS)[number];
  position: "last" | number;
  out: string;
  logits?: boolean;
}

export const sweepCommand = (program: Command): void => {
  program
    .command("sweep")
    .description(
      "write what becomes of the answer's logit when one head at a time is changed, or what gradients say",
    )
    .argument("<model>", "a folder, a name from models/, or a hub id")
    .requiredOption(
      "--input <pairs.json>",
      '{"clean": [[ids]], "corrupted": [[ids]], "answer": [id], "wrong": [id]}',
    )
    .addOption(
      new Option(
        "--kind <kind>",
        "zero: scale the head to 0; denoise, noise: patch its hook_z; attribution: attribution patching of every head, MLP and position",
      )
        .choices(KINDS)
        .makeOptionMandatory(),
    )
    .option(
      "--position <last|N>",
      "where the patch is put; `zero` and `attribution` take all positions",
      position,
      "last",
    )
    .requiredOption("--out <file.safetensors>", "file to write")
    .option("--logits", "also write last_logits [layer, head, batch, vocabulary]; not with attribution")
    .action(async (model: string, flags: SweepFlags, command: Command) => {
      const input = await readJson(flags.input, pairsSchema);
      const out = await checkOutput(flags.out);
      const { tensors } = await withEngine(command.optsWithGlobals<EngineFlags>(), (engine, options) =>
        engine.sweep(
          { model, input, kind: flags.kind, position: flags.position, logits: flags.logits ?? false, out },
          options,
        ),
      );
      process.stdout.write(
        `${shapes(tensors)}\n${tensors.length} tensors in ${path.relative(process.cwd(), out) || out}\n`,
      );
    });
};
