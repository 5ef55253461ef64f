import { type GraphQLSchema, lexicographicSortSchema, printSchema } from "graphql";
import "./model.ts";
import "./hook-points.ts";
import "./model-opening.ts";
import "./recurring-heads.ts";
import "./models.ts";
import "./task.ts";
import "./tasks.ts";
import "./task-mutations.ts";
import "./prompt.ts";
import "./run.ts";
import "./task-results.ts";
import "./task-tokens.ts";
import "./further-analyses.ts";
import "./run-matrix.ts";
import "./runs.ts";
import "./run-comparison/index.ts";
import "./run-mutations.ts";
import "./tag-runs.ts";
import "./tags.ts";
import "./study-cell.ts";
import "./study.ts";
import "./studies.ts";
import "./study-mutations.ts";
import "./comparison.ts";
import "./comparisons.ts";
import "./comparison-mutations.ts";
import "./add-model.ts";
import "./delete-model.ts";
import "./prompt-preview.ts";
import "./live/index.ts";
import "./subscriptions.ts";
import "./server-info.ts";
import "./tokens.ts";
import "./audit-events.ts";
import "./prune-store.ts";
import "./workers.ts";
import { builder } from "./builder.ts";
import { finishConnections } from "./connections.ts";
import { guardOperations } from "./roles.ts";

/** The API. */
export const schema: GraphQLSchema = guardOperations(finishConnections(builder.toSchema()));

/** The committed form: sorted, so that a change shows as what it is. */
export const printedSchema = (): string => `${printSchema(lexicographicSortSchema(schema))}\n`;
