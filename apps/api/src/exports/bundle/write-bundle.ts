import { type RunReport, safetensorsHeader, type Task, type WrittenTensor } from "@recallscope/engine";
import { ApiError } from "../../errors.ts";
import type { Run } from "../../generated/prisma/client.ts";
import { toBytes } from "../../results/float-bytes.ts";
import { fromJson } from "../../results/json.ts";
import type { Tx } from "../../services.ts";
import { tasksOf } from "../../tasks/related-tasks.ts";
import { arrayTensor } from "../formats/arrays.ts";
import {
  ARRAY_PREFIX,
  BUNDLE_FORMAT,
  BUNDLE_VERSION,
  contentHash,
  JSON_PARTS,
  MAX_BUNDLE,
  type Manifest,
  sha256,
} from "./manifest.ts";

interface Part extends WrittenTensor {
  bytes: Uint8Array;
}

/** Everything of a finished run that another installation needs to have it as it is here; the same run gives the same bytes. */
export async function bundleFile(tx: Tx, run: Run, report: RunReport): Promise<Uint8Array[]> {
  const model = await tx.model.findUniqueOrThrow({ where: { id: run.modelId } });
  const task = await tx.task.findUniqueOrThrow({ where: { id: run.taskId } });
  const related = await tasksOf(tx, run.related);
  const parts = partsOf(report, fromJson<Task>(task.content), related);
  const listed = listParts(report, parts);
  const manifest: Manifest = {
    key: run.key,
    content: contentHash(listed),
    model: { name: model.name, source: model.source },
    createdAt: run.createdAt.toISOString(),
    startedAt: run.startedAt?.toISOString() ?? null,
    finishedAt: run.finishedAt!.toISOString(),
    ...listed,
  };
  const file = pack(parts, manifest);
  const size = file.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (size > MAX_BUNDLE)
    throw new ApiError(
      "PAYLOAD_TOO_LARGE",
      `bundle of run ${run.key}: ${size} bytes, more than an import takes (${MAX_BUNDLE}): export its tables and arrays instead`,
    );
  return file;
}

/** The hash that says whether a run here has the same results as a bundle. */
export const contentOf = (report: RunReport): string =>
  contentHash(listParts(report, partsOf(report, null, [])));

/** A bundle's file from its parts. */
export function pack(parts: readonly Part[], manifest: unknown): Uint8Array[] {
  const text = JSON.stringify(manifest);
  const header = safetensorsHeader(parts, {
    format: BUNDLE_FORMAT,
    version: String(BUNDLE_VERSION),
    manifest: text,
    manifest_sha256: sha256(text),
  });
  return [header, ...parts.map(({ bytes }) => bytes)];
}

function partsOf(report: RunReport, task: Task | null, related: readonly Task[]): Part[] {
  const { receipt, prompts, arrays, ...rest } = report;
  const texts: Record<(typeof JSON_PARTS)[number], unknown> = {
    receipt,
    task,
    related,
    prompts,
    report: rest,
  };
  return [
    // Arrays first: readers that map the file want their numbers at multiples of four bytes.
    ...arrays.map(
      (array): Part => ({
        ...arrayTensor(array),
        name: ARRAY_PREFIX + array.name,
        bytes: toBytes(array.values),
      }),
    ),
    ...JSON_PARTS.map((name): Part => {
      const bytes = Buffer.from(JSON.stringify(texts[name]));
      return { name, dtype: "U8", shape: [bytes.length], bytes };
    }),
  ];
}

const listParts = ({ arrays }: RunReport, parts: readonly Part[]): Pick<Manifest, "arrays" | "parts"> => ({
  arrays: arrays.map(({ name, unit, axes }) => ({
    name,
    unit,
    axes: axes.map(({ dim, labels }) => ({ dim, labels: [...labels] })),
  })),
  parts: parts.map(({ name, bytes }) => ({ name, bytes: bytes.byteLength, sha256: sha256(bytes) })),
});
