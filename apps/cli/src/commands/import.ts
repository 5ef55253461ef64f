import { readFile, stat } from "node:fs/promises";
import type { Command } from "commander";
import { badInput } from "../failure.ts";
import { type ServerFlags, withServer } from "../store/connection.ts";
import { prepareStore } from "../store/prepare.ts";
import { withExports } from "../store/transfer.ts";

export const importCommand = (program: Command): void => {
  withServer(program.command("import"))
    .description("store the run of a bundle that another installation exported, exact to the bit")
    .argument("<file>", "the bundle")
    .option("--force", "keep it beside a run of the same key that has other results")
    .action(async (file: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ServerFlags & { force?: boolean; quiet?: boolean }>();
      await prepareStore();
      const bytes = await readBundle(file);
      const { key, created } = await withExports(flags, (exports) =>
        exports.import(bytes, { force: flags.force ?? false }),
      );
      process.stdout.write(
        `run ${key}: ${created ? "imported" : "was here already, with the same results"}\n`,
      );
    });
};

async function readBundle(file: string): Promise<Uint8Array> {
  const { MAX_BUNDLE } = await import("@recallscope/api");
  const size = (await stat(file).catch(() => null))?.size ?? 0;
  if (size > MAX_BUNDLE)
    throw badInput(`input file ${file}: ${size} bytes, a bundle has at most ${MAX_BUNDLE}`);
  return readFile(file).catch((error) => {
    throw badInput(`input file ${file} cannot be read (${error.code})`, error);
  });
}
