"use client";
import { useQuery } from "urql";
import { Button } from "@/ui/button.tsx";
import { followDownload } from "@/ui/follow-download.ts";
import { DownloadIcon } from "@/ui/icons.tsx";
import { Menu } from "@/ui/menu.tsx";
import { Section } from "@/ui/page.tsx";
import { QueryView } from "@/ui/query-view.tsx";
import { Skeleton } from "@/ui/states.tsx";
import { type RunFiles, RunFilesQuery, type RunHeaderData } from "./queries.ts";

type Exports = NonNullable<RunHeaderData["exports"]>;

/** The run as a whole, in the forms that the server writes; single tables stand under Details. */
export function RunDownloads({ files, onTables }: { files: Exports; onTables: () => void }) {
  return (
    <Menu
      items={[
        { label: "Report", hint: "JSON", onSelect: () => followDownload(files.report) },
        { label: "All tables", hint: "LaTeX", onSelect: () => followDownload(files.latex) },
        { label: "All arrays", hint: "safetensors", onSelect: () => followDownload(files.arrays) },
        { label: "Bundle to import elsewhere", hint: "bundle", onSelect: () => followDownload(files.bundle) },
        { label: "Single tables", hint: "CSV, JSON, Parquet, LaTeX", separated: true, onSelect: onTables },
      ]}
    >
      <Button>
        <DownloadIcon /> Download
      </Button>
    </Menu>
  );
}

const FORMS = [
  { form: "csv", label: "CSV" },
  { form: "json", label: "JSON" },
  { form: "parquet", label: "Parquet" },
  { form: "latex", label: "LaTeX" },
] as const;

/** Every table of the run and every figure of its further analyses, as files. */
export function FilesSection({ run }: { run: string }) {
  const [state, retry] = useQuery({ query: RunFilesQuery, variables: { id: run } });
  return (
    <Section title="Files">
      <QueryView
        state={state}
        retry={retry}
        pick={(data) => data.run}
        skeleton={<Skeleton className="h-[420px]" />}
        missing={null}
      >
        {(files) => (
          <div className="grid items-start gap-x-10 gap-y-6 lg:grid-cols-2">
            <FileList label="Tables" rows={tablesOf(files)} />
            <FileList label="Figures of further analyses" rows={figuresOf(files)} />
          </div>
        )}
      </QueryView>
    </Section>
  );
}

interface FileRow {
  id: string;
  name: string;
  addresses: Record<(typeof FORMS)[number]["form"], string>;
}

const tablesOf = ({ exports }: RunFiles): FileRow[] =>
  (exports?.tables ?? []).map((table) => ({ id: table.name, name: table.name, addresses: table }));

const figuresOf = ({ further }: RunFiles): FileRow[] =>
  further.flatMap(({ analysis, exports, figures }) =>
    exports.map((file) => ({
      id: `${analysis.id}/${file.figure}`,
      name: `${analysis.title}: ${figures.find(({ id }) => id === file.figure)?.title ?? file.figure}`,
      addresses: file,
    })),
  );

function FileList({ label, rows }: { label: string; rows: readonly FileRow[] }) {
  if (rows.length === 0) return null;
  return (
    <table aria-label={label} className="w-full text-sm">
      <thead>
        <tr>
          <th
            scope="col"
            colSpan={1 + FORMS.length}
            className="pb-1 text-left text-xs font-medium text-ink-3"
          >
            {label}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ id, name, addresses }) => (
          <tr key={id} className="border-t border-line">
            <th
              scope="row"
              className="w-full max-w-0 truncate py-1.5 pr-4 text-left font-normal"
              data-tip={name}
            >
              {name}
            </th>
            {FORMS.map(({ form, label: kind }) => (
              <td key={form} className="py-1.5 pl-3">
                <a
                  href={addresses[form]}
                  download
                  aria-label={`${name} as ${kind}`}
                  className="link text-xs text-ink-2 hover:text-ink"
                >
                  {kind}
                </a>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
