import path from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { checkOutput, readJson } from "../files.ts";
import { shapes } from "../output/table.ts";
import { type EngineFlags, withEngine } from "../with-engine.ts";
import { nameList } from "./options.ts";

const inputSchema = z.union(
  [
    z.strictObject({ input_ids: z.array(z.array(z.int()).min(1)).min(1) }),
    z.strictObject({ prompts: z.array(z.string()).min(1) }),
  ],
  { error: 'expected {"input_ids": [[id, ...], ...]} or {"prompts": ["...", ...]}, neither empty' },
);

export const activationsCommand = (program: Command): void => {
  program
    .command("activations")
    .description(
      "run prompts and write activations at hook points as safetensors, float32, [batch, position, ...]",
    )
    .argument("<model>", "a folder, a GGUF file, a name from models/, or a hub id")
    .requiredOption("--input <file.json>", '{"input_ids": [[...]]} or {"prompts": ["..."]}')
    .requiredOption("--hooks <list>", "hook names or globs, separated by commas; `logits` too", nameList)
    .requiredOption("--out <file.safetensors>", "file to write")
    .action(
      async (model: string, flags: { input: string; hooks: string[]; out: string }, command: Command) => {
        const input = await readJson(flags.input, inputSchema);
        const out = await checkOutput(flags.out);
        const { tensors } = await withEngine(command.optsWithGlobals<EngineFlags>(), (engine, options) =>
          engine.activations({ model, input, hooks: flags.hooks, out }, options),
        );
        process.stdout.write(
          `${shapes(tensors)}\n${tensors.length} tensors in ${path.relative(process.cwd(), out) || out}\n`,
        );
      },
    );
};
