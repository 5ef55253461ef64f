export { type Admin, openAdmin } from "./admin.ts";
export type { AuditEventRow, TokenRow } from "./admin-rows.ts";
export { ApiError, type ApiErrorCode } from "./errors.ts";
export {
  BUNDLE_MEDIA,
  COMPARISON_TABLE_NAMES,
  comparisonAddress,
  type ExportedComparison,
  type ExportRequest,
  exportPath,
  exportQuery,
  MAX_BUNDLE,
  RUN_TABLE_NAMES,
  type RunExportFormat,
} from "./exports/index.ts";
export type { Pruned, PruneRequest } from "./runs/prune-store.ts";
export { findOwnerKey, findServer, openStore, type RunStore } from "./store.ts";
