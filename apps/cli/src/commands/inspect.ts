import { DEFAULT_PRECISION, type ModelSummary, PRECISIONS, type Precision } from "@recallscope/engine";
import type { Command } from "commander";
import { grouped, scientific } from "../output/numbers.ts";
import { pairs } from "../output/table.ts";
import { type EngineFlags, withEngine } from "../with-engine.ts";
import { oneOf } from "./options.ts";

export const inspectCommand = (program: Command): void => {
  program
    .command("inspect")
    .description("open a model, check it, and print what it is")
    .argument("<model>", "a folder, a GGUF file, a name from models/, or a hub id")
    .option(
      "--precision <name>",
      `what products with its matrices are computed in: ${PRECISIONS.join(", ")}; F16 needs a GPU`,
      oneOf(PRECISIONS),
      DEFAULT_PRECISION,
    )
    .option("--json", "print the summary as JSON")
    .action(async (model: string, flags: { json?: boolean; precision: Precision }, command: Command) => {
      const summary = await withEngine(command.optsWithGlobals<EngineFlags>(), (engine, options) =>
        engine.inspect(model, options, flags.precision),
      );
      process.stdout.write(flags.json ? `${JSON.stringify(summary, null, 2)}\n` : `${describe(summary)}\n`);
    });
};

const describe = (model: ModelSummary): string =>
  pairs([
    ["model", model.name],
    ...(model.file ? [["file", model.file] as [string, string]] : []),
    ...(model.hub ? [["hub commit", model.hub.commit] as [string, string]] : []),
    ["architecture", model.architecture],
    ["layers", String(model.layers)],
    [
      "heads",
      model.heads === model.kvHeads
        ? String(model.heads)
        : `${model.heads} (${model.kvHeads} key/value heads)`,
    ],
    ["width", `${model.width} (head ${model.headWidth}, MLP ${model.mlpWidth})`],
    ["vocabulary", grouped(model.vocabulary)],
    ["positions", grouped(model.positions)],
    ["dtype", model.dtype],
    ["parameters", `${grouped(model.parameters)}${model.tied ? " (embedding tied)" : ""}`],
    ["begin token", model.bos.prepended ? `prepended (${model.bos.token})` : "none"],
    ["weight hash", model.weightHash],
    ["tokenizer hash", model.tokenizerHash],
    ["computed on", `${model.selfCheck.device ?? "cpu"}, ${model.selfCheck.computeDtype ?? "float32"}`],
    ...(model.selfCheck.deviceReason
      ? [["  because", model.selfCheck.deviceReason] as [string, string]]
      : []),
    ...(model.selfCheck.deviceError !== undefined
      ? [["  against the CPU", scientific(model.selfCheck.deviceError)] as [string, string]]
      : []),
    ["self-check", model.selfCheck.passed ? "passed" : "FAILED"],
    ["  residual sum", scientific(model.selfCheck.residualSum)],
    ["  sum of heads", scientific(model.selfCheck.headSum)],
    ["  pattern @ v = z", scientific(model.selfCheck.patternValue)],
    ["  last lens = logits", scientific(model.selfCheck.lensLogits)],
  ]);
