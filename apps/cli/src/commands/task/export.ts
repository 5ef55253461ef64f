import { EXPORT_FORMATS, type ExportFormat, exportTask } from "@recallscope/engine";
import type { Command } from "commander";
import { checkOutput, writeText } from "../../files.ts";
import { findTask } from "../../tasks.ts";
import { oneOf } from "../options.ts";

interface ExportFlags {
  format: ExportFormat;
  out?: string;
}

export const taskExportCommand = (parent: Command): void => {
  parent
    .command("export")
    .description(
      "write a task as JSON, CSV or an LRE relation; what the format has no place for is said on stderr",
    )
    .argument("<task>", "a name from tasks/, or the path of a JSON file")
    .requiredOption("--format <name>", `one of ${EXPORT_FORMATS.join(", ")}`, oneOf(EXPORT_FORMATS))
    .option("--out <file>", "where to write it (default: stdout)")
    .action(async (name: string, flags: ExportFlags) => {
      const out = flags.out === undefined ? null : await checkOutput(flags.out);
      const { task } = await findTask(name);
      const { text, lost } = exportTask(task, flags.format);
      for (const what of lost) process.stderr.write(`not in the ${flags.format} file: ${what}\n`);
      if (out) await writeText(out, text);
      else process.stdout.write(text);
    });
};
