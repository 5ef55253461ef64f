import { createHash } from "node:crypto";
import { z } from "zod";

export const BUNDLE_FORMAT = "recallscope-bundle";
/** Raised when a reader of the old form would misread the new one. */
export const BUNDLE_VERSION = 1;
export const BUNDLE_MEDIA = "application/vnd.recallscope.bundle";
/** Largest bundle that is written and read. */
export const MAX_BUNDLE = 2 ** 30;

/** JSON parts of a bundle, by the names of their tensors. Arrays follow under `arrays/NAME`. */
export const JSON_PARTS = ["receipt", "task", "related", "prompts", "report"] as const;
export const ARRAY_PREFIX = "arrays/";

/** The bundle's file: two checksums, of the manifest and in it of all else. */
export const metadataSchema = z.looseObject({
  format: z.literal(BUNDLE_FORMAT),
  version: z.string(),
  manifest: z.string(),
  manifest_sha256: z.string(),
});

const sha = z.string().regex(/^[0-9a-f]{64}$/);
/** Names that reach text columns: no U+0000 and no halves of pairs. */
export const plainText = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .refine(
      (text) => !text.includes("\u0000") && !/\p{Surrogate}/u.test(text),
      "holds characters that cannot be stored",
    );
const time = z.iso.datetime();

export const manifestSchema = z.strictObject({
  key: z.string().regex(/^[0-9a-f]{16}$/),
  /** See contentHash. */
  content: sha,
  model: z.strictObject({ name: plainText(1000), source: z.enum(["BUNDLED", "FOLDER", "HUB"]) }),
  createdAt: time,
  startedAt: time.nullable(),
  finishedAt: time,
  arrays: z.array(
    z.strictObject({
      name: plainText(200),
      unit: plainText(50),
      axes: z.array(z.strictObject({ dim: plainText(50), labels: z.array(z.string()) })),
    }),
  ),
  /** In the order of the file. */
  parts: z.array(z.strictObject({ name: z.string(), bytes: z.int().nonnegative(), sha256: sha })),
});
export type Manifest = z.infer<typeof manifestSchema>;

export const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

/**
 * What was measured, whoever measured it and when: two runs of one key with the same content are the same run. The receipt, which
 * holds time and machine, does not count.
 */
export const contentHash = ({ parts, arrays }: Pick<Manifest, "parts" | "arrays">): string =>
  sha256(
    JSON.stringify([
      arrays,
      ...parts
        .filter(({ name }) => name === "report" || name === "prompts" || name.startsWith(ARRAY_PREFIX))
        .map((part) => [part.name, part.sha256]),
    ]),
  );
