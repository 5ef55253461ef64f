import {
  COMPARISON_TABLE_NAMES,
  type ExportRequest,
  exportPath,
  RUN_TABLE_NAMES,
  TABLE_FORMATS,
  type TableFormat,
} from "../exports/index.ts";
import { builder } from "./builder.ts";
import { encodeId } from "./ids.ts";

const addressOf =
  (runId: string): AddressOf =>
  (request) =>
    `/runs/${encodeId("Run", runId)}/${exportPath(request)}`;

const FORMAT_WORDS: Record<TableFormat, string> = {
  csv: "Address of it as CSV, all digits.",
  json: "Address of it as JSON.",
  parquet: "Address of it as Parquet.",
  latex: "Address of it as a LaTeX table (booktabs).",
};

/** Gives the address of an export. */
type AddressOf = (request: ExportRequest) => string;
interface ExportedTable {
  address: AddressOf;
  table: string;
}
interface ExportedFigure {
  runId: string;
  analysis: string;
  figure: string;
}

const TableExports = builder.objectRef<ExportedTable>("TableExports").implement({
  description:
    "One table as files. Addresses are of this server; the parameter `columns=a,b` keeps some columns.",
  fields: (t) => ({
    name: t.exposeString("table", { description: "Name of the table." }),
    ...Object.fromEntries(
      TABLE_FORMATS.map((format) => [
        format,
        t.string({
          description: FORMAT_WORDS[format],
          resolve: ({ address, table }) => address({ what: "table", table, format }),
        }),
      ]),
    ),
  }),
});

export const FigureExports = builder.objectRef<ExportedFigure>("FigureExports").implement({
  description: "What one figure shows, as files.",
  fields: (t) => ({
    figure: t.exposeString("figure", { description: "Id of the figure." }),
    ...Object.fromEntries(
      TABLE_FORMATS.map((format) => [
        format,
        t.string({
          description: FORMAT_WORDS[format],
          resolve: ({ runId, analysis, figure }) =>
            addressOf(runId)({ what: "figure", analysis, figure, format }),
        }),
      ]),
    ),
  }),
});

const whole = (what: "report" | "arrays" | "bundle" | "tables", description: string) => ({
  description,
  resolve: (address: AddressOf) => address({ what }),
});

export const runExports = addressOf;
export const RunExports = builder.objectRef<AddressOf>("RunExports").implement({
  description: "Where a run is as files, each with its receipt.",
  fields: (t) => ({
    report: t.string(whole("report", "Address of the whole report as JSON.")),
    arrays: t.string(whole("arrays", "Address of all labeled arrays as safetensors, bit for bit.")),
    bundle: t.string(whole("bundle", "Address of the bundle that another installation imports.")),
    latex: t.string(whole("tables", "Address of all tables as LaTeX.")),
    tables: t.field({
      type: [TableExports],
      description: "Its tables.",
      resolve: (address) => RUN_TABLE_NAMES.map((table) => ({ address, table })),
    }),
  }),
});

export const ComparisonExports = builder.objectRef<AddressOf>("ComparisonExports").implement({
  description: "Where a comparison is as files, each with the receipts of its runs.",
  fields: (t) => ({
    latex: t.string(whole("tables", "Address of all tables as LaTeX.")),
    tables: t.field({
      type: [TableExports],
      description: "Its tables.",
      resolve: (address) => COMPARISON_TABLE_NAMES.map((table) => ({ address, table })),
    }),
  }),
});
