export { type ImportedRun, importBundle } from "./bundle/import-run.ts";
export { BUNDLE_MEDIA, MAX_BUNDLE } from "./bundle/manifest.ts";
export { type ExportedFile, exportRun } from "./export-run.ts";
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
