export { type ImportedRun, importBundle } from "./bundle/import-run.ts";
export { BUNDLE_MEDIA, MAX_BUNDLE } from "./bundle/manifest.ts";
export { comparisonAddress, type ExportedComparison, parseComparison } from "./comparison-request.ts";
export { COMPARISON_TABLE_NAMES } from "./comparison-tables/index.ts";
export { exportComparison } from "./export-comparison.ts";
export { exportRun } from "./export-run.ts";
export { readComparison } from "./read-comparison.ts";
export {
  type ExportRequest,
  exportPath,
  exportQuery,
  parseExport,
  type RunExportFormat,
  TABLE_FORMATS,
  type TableFormat,
} from "./request.ts";
export { RUN_TABLE_NAMES } from "./tables/index.ts";
export type { ExportedFile } from "./written.ts";
