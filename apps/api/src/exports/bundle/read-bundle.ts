import {
  EngineError,
  type LabeledArray,
  parseTask,
  type Receipt,
  type RunReport,
  SEMANTICS_VERSION,
  type Task,
  taskHash,
} from "@recallscope/engine";
import { z } from "zod";
import { ApiError } from "../../errors.ts";
import { fromBytes } from "../../results/float-bytes.ts";
import { runKey } from "../../runs/run-key.ts";
import { hashesOfRelated } from "../../runs/save-run.ts";
import { checkShown, checkTaskTexts, promptsSchema, receiptSchema, reportSchema } from "./check-content.ts";
import { ARRAY_PREFIX, JSON_PARTS, type Manifest } from "./manifest.ts";
import { badBundle, type Container, json, parse, readContainer, utf8 } from "./read-container.ts";

export interface Bundle {
  manifest: Manifest;
  task: Task;
  related: Task[];
  report: RunReport;
}

/**
 * Reads a bundle and believes nothing of it that can be computed: keys, hashes, shapes, and that all of it can be shown.
 * @throws ApiError BAD_BUNDLE, BUNDLE_VERSION, PAYLOAD_TOO_LARGE
 */
export function readBundle(file: Uint8Array): Bundle {
  const container = readContainer(file);
  const { manifest } = container;
  const expected = [...manifest.arrays.map(({ name }) => ARRAY_PREFIX + name), ...JSON_PARTS];
  if (expected.join("\n") !== [...container.parts.keys()].join("\n"))
    throw badBundle("its parts are not those of a run");

  const receipt = part<Receipt>(container, "receipt", receiptSchema);
  if (receipt.semanticsVersion !== SEMANTICS_VERSION)
    throw new ApiError(
      "BUNDLE_VERSION",
      `bundle of run ${manifest.key}: its numbers have the meaning of semantics ${receipt.semanticsVersion} (here: ${SEMANTICS_VERSION}): import it with the version of Recallscope that made it, or measure again`,
    );
  const task = checkedTask(part(container, "task", z.unknown()));
  const related = part<unknown[]>(container, "related", z.array(z.unknown())).map(checkedTask);
  const key = runKey(receipt.model, receipt.taskHash, receipt.settings, hashesOfRelated(receipt));
  if (key !== manifest.key) throw badBundle(`key ${manifest.key}: its receipt gives ${key}`);
  if (taskHash(task) !== receipt.taskHash || task.id !== receipt.taskId)
    throw badBundle(`task ${task.id}: is not the one that its receipt names`);
  const named = new Set(receipt.related?.map(({ hash }) => hash));
  const other = related.find((each) => !named.has(taskHash(each)));
  if (other) throw badBundle(`task ${other.id}: its receipt does not name it`);

  const report: RunReport = {
    receipt,
    ...part<Omit<RunReport, "receipt" | "prompts" | "arrays">>(container, "report", reportSchema),
    prompts: part<RunReport["prompts"]>(container, "prompts", promptsSchema),
    arrays: manifest.arrays.map((array) => labeledArray(array, container)),
  };
  if (report.task.id !== receipt.taskId)
    throw badBundle(`report: is of task ${report.task.id}, which its receipt does not name`);
  checkShown(report);
  return { manifest, task, related, report };
}

/** The part as it was written: the schema looks, and changes nothing. */
function part<T>({ parts }: Container, name: string, schema: z.ZodType): T {
  const { bytes, dtype } = parts.get(name)!;
  if (dtype !== "U8") throw badBundle(`part ${name}: is ${dtype}`);
  const value = json(utf8(bytes, name), name);
  parse(schema, value, name);
  return value as T;
}

function checkedTask(value: unknown): Task {
  try {
    parseTask(value, "of the bundle");
  } catch (error) {
    if (error instanceof EngineError) throw badBundle(error.message);
    throw error;
  }
  checkTaskTexts(value as Task);
  return value as Task;
}

function labeledArray({ name, unit, axes }: Manifest["arrays"][number], { parts }: Container): LabeledArray {
  const { dtype, shape, bytes } = parts.get(ARRAY_PREFIX + name)!;
  const labels = axes.map((axis) => axis.labels.length);
  if (dtype !== "F32" || labels.join() !== shape.join())
    throw badBundle(`array ${name}: ${dtype} [${shape}], but its labels are of F32 [${labels}]`);
  return { name, unit, axes, values: fromBytes(bytes) } as LabeledArray;
}
