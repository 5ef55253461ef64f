"use client";
import { useClient } from "urql";
import { download, downloadCsv } from "@/charts/figure-export.ts";
import type { RunRowData } from "@/graphql/fragments.ts";
import type { ResultOf } from "@/graphql/graphql.ts";
import { Button } from "@/ui/button.tsx";
import { followDownload } from "@/ui/follow-download.ts";
import { DownloadIcon } from "@/ui/icons.tsx";
import { Menu } from "@/ui/menu.tsx";
import { RunFilesQuery } from "../queries.ts";
import { runRowsTable } from "./run-rows-table.ts";

type Files = NonNullable<
  Extract<NonNullable<ResultOf<typeof RunFilesQuery>["nodes"][number]>, { key: unknown }>["exports"]
>;

/** The rows as a table, or each finished run as the server's files. */
export function ExportMenu({ runs }: { runs: readonly RunRowData[] }) {
  const client = useClient();
  const finished = runs.filter(({ status }) => status === "SUCCEEDED");
  const fetchFiles = async (form: keyof Omit<Files, "__typename">) => {
    const { data } = await client.query(RunFilesQuery, { ids: finished.map(({ id }) => id) });
    for (const run of data?.nodes ?? []) {
      if (run && "exports" in run && run.exports) followDownload(run.exports[form]);
    }
  };
  const table = () => runRowsTable(runs);
  const json = () => {
    const { columns, rows } = table();
    return rows.map((row) =>
      Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])),
    );
  };
  const each = finished.length === runs.length ? "each" : `${finished.length} finished`;
  const files = [
    { label: "Report, JSON", form: "report" },
    { label: "All tables, LaTeX", form: "latex" },
    { label: "Arrays, safetensors", form: "arrays" },
    { label: "Bundle to import elsewhere", form: "bundle" },
  ] as const;
  return (
    <Menu
      items={[
        { label: "These rows, CSV", onSelect: () => downloadCsv("runs", table()) },
        {
          label: "These rows, JSON",
          onSelect: () => download("runs.json", JSON.stringify(json(), null, 2), "application/json"),
        },
        ...(finished.length === 0
          ? []
          : files.map(({ label, form }) => ({ label, hint: each, onSelect: () => void fetchFiles(form) }))),
      ]}
    >
      <Button>
        <DownloadIcon size={14} /> Export
      </Button>
    </Menu>
  );
}
