"use client";
import { useState } from "react";
import { Button } from "@/ui/button.tsx";
import { DownloadIcon } from "@/ui/icons.tsx";
import { Popover } from "@/ui/popover.tsx";
import type { Comparison } from "./queries.ts";

const FORMATS = [
  ["csv", "CSV"],
  ["json", "JSON"],
  ["parquet", "Parquet"],
  ["latex", "LaTeX"],
] as const;

/** Everything of the comparison as files: the page itself, and every table in every form. */
export function Downloads(props: {
  exports: Comparison["exports"];
  /** Null while numbers are still on their way. */
  onBundle: (() => Promise<void>) | null;
}) {
  const { exports, onBundle } = props;
  const [making, setMaking] = useState(false);
  const make = async () => {
    setMaking(true);
    await onBundle?.();
    setMaking(false);
  };
  return (
    <Popover
      label="Downloads of the comparison"
      trigger={
        <Button>
          <DownloadIcon size={14} /> Download
        </Button>
      }
    >
      <div className="grid w-88 gap-3">
        <div>
          <Button
            look="primary"
            className="w-full"
            disabled={!onBundle || making}
            onClick={() => void make()}
          >
            This page as one HTML file
          </Button>
          <p className="label mt-1">
            Opens from disk without a server: figures, tables, formulas, receipts and all numbers.
          </p>
        </div>
        <table className="text-sm" aria-label="Tables as files">
          <tbody>
            <tr>
              <th scope="row" className="py-0.5 pr-3 text-left font-medium">
                All tables
              </th>
              <td colSpan={3} />
              <td className="py-0.5 text-right">
                <FileLink href={exports.latex} label="All tables as LaTeX">
                  LaTeX
                </FileLink>
              </td>
            </tr>
            {exports.tables.map((table) => (
              <tr key={table.name}>
                <th scope="row" className="py-0.5 pr-3 text-left font-normal text-ink-2">
                  {table.name}
                </th>
                {FORMATS.map(([format, label]) => (
                  <td key={format} className="py-0.5 pl-2 text-right">
                    <FileLink href={table[format]} label={`${table.name} as ${label}`}>
                      {label}
                    </FileLink>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Popover>
  );
}

const FileLink = (props: { href: string; label: string; children: string }) => (
  <a href={props.href} download aria-label={props.label} className="link text-xs">
    {props.children}
  </a>
);
