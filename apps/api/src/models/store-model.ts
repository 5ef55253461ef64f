import type { ModelSummary } from "@recallscope/engine";
import { Prisma } from "../generated/prisma/client.ts";
import { asJson } from "../results/json.ts";
import { type Failure, storable } from "../runs/failure.ts";
import type { Tx } from "../services.ts";
import type { ModelName } from "./model-name.ts";

/** The row of a model, made when it is first named. */
export const storeModel = (tx: Tx, { name, source }: ModelName) =>
  tx.model.upsert({ where: { name }, create: { name, source }, update: { source } });

/** Remembers what a model was found to be when it was opened, and from which files. */
export const storeOpened = (tx: Tx, id: string, summary: ModelSummary, fingerprint: string | null) =>
  tx.model.update({
    where: { id },
    data: { summary: asJson(summary), fingerprint, errorCode: null, errorMessage: null },
  });

/** Remembers why a model could not be opened. */
export const storeNotOpened = (tx: Tx, id: string, failure: Failure) =>
  tx.model.updateMany({
    where: { id },
    data: {
      summary: Prisma.DbNull,
      fingerprint: null,
      errorCode: failure.code,
      errorMessage: storable(failure.message),
    },
  });
