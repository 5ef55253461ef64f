"use client";
import { Popover } from "radix-ui";
import { type ReactNode, useRef, useState } from "react";
import type { Explanation } from "@/features/explanations.ts";
import { formatNumber } from "@/format/numbers.ts";
import type { FigureTable } from "@/table/figure-table.ts";
import { IconButton } from "@/ui/button.tsx";
import { cx } from "@/ui/class-names.ts";
import { ChartIcon, DownloadIcon, HelpIcon, TableIcon } from "@/ui/icons.tsx";
import { Menu } from "@/ui/menu.tsx";
import { downloadCsv, downloadPng, downloadSvg } from "./figure-export.ts";

interface FigureProps {
  /** What the figure shows, its unit, formula and source. */
  about: Explanation;
  /** Replaces the explanation's title where one explanation serves several figures. */
  title?: string;
  /** File name of downloads, without extension. */
  name: string;
  table: () => FigureTable;
  controls?: ReactNode;
  legend?: ReactNode;
  /** One sentence that says what is seen, under the title. */
  caption?: ReactNode;
  compact?: boolean;
  className?: string;
  children: ReactNode;
}

/** Frame of every figure: title, unit, help, table view and downloads. */
export function Figure(props: FigureProps) {
  const { about, name, table, compact = false } = props;
  const body = useRef<HTMLDivElement>(null);
  const [asTable, setAsTable] = useState(false);
  const [height, setHeight] = useState<number | undefined>(undefined);
  const title = props.title ?? about.title;

  const toggle = () => {
    if (!asTable) setHeight(body.current?.clientHeight);
    setAsTable(!asTable);
  };
  const drawing = () => body.current?.querySelector<SVGSVGElement>("svg[data-export]") ?? null;
  const withDrawing = (use: (svg: SVGSVGElement) => void) => () => {
    const svg = drawing();
    if (svg) use(svg);
  };
  const downloads = [
    { label: "CSV", hint: "numbers", onSelect: () => downloadCsv(name, table()) },
    ...(asTable
      ? []
      : [
          { label: "SVG", hint: "vector", onSelect: withDrawing((svg) => downloadSvg(name, svg)) },
          { label: "PNG", hint: "pixels", onSelect: withDrawing((svg) => void downloadPng(name, svg)) },
        ]),
  ];

  return (
    <figure
      className={cx(
        "group/figure min-w-0 rounded-lg border border-line bg-surface",
        compact ? "p-3" : "px-5 pt-4 pb-5",
        props.className,
      )}
    >
      <div className="flex items-start justify-between gap-2">
        <figcaption className="min-w-0">
          <h3 className={compact ? "text-sm" : "text-base"}>{title}</h3>
          <p className="label">{about.unit}</p>
        </figcaption>
        <div className={cx("-mt-1 -mr-1.5 flex shrink-0", compact ? "text-ink-3" : "")}>
          <FigureHelp title={title} about={about} />
          <IconButton
            label={asTable ? "Show as figure" : "Show as table"}
            aria-pressed={asTable}
            onClick={toggle}
            className={compact ? "size-6" : ""}
          >
            {asTable ? <ChartIcon size={14} /> : <TableIcon size={14} />}
          </IconButton>
          <Menu items={downloads}>
            <IconButton label="Download" className={compact ? "size-6" : ""}>
              <DownloadIcon size={14} />
            </IconButton>
          </Menu>
        </div>
      </div>
      {props.caption && <p className="mt-1 max-w-[80ch] text-sm text-ink-2">{props.caption}</p>}
      {(props.controls || props.legend) && (
        <div className="mt-3 flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
          {props.controls ?? <span />}
          {props.legend}
        </div>
      )}
      <div ref={body} className="mt-3">
        {asTable ? <TableView table={table()} height={height} /> : props.children}
      </div>
    </figure>
  );
}

function FigureHelp({ title, about }: { title: string; about: Explanation }) {
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <IconButton label={`What ${title} means`} className="size-6">
          <HelpIcon size={14} />
        </IconButton>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={4}
          collisionPadding={12}
          className="z-40 w-[min(420px,calc(100vw-24px))] rounded-lg border border-line bg-surface p-4 text-sm shadow-float"
        >
          <p className="font-semibold">{title}</p>
          <p className="mt-1 text-ink-2">{about.meaning}</p>
          <p className="mt-3 overflow-x-auto rounded-md bg-sunken px-3 py-2 font-mono text-xs leading-[18px] whitespace-pre-wrap">
            {about.formula}
          </p>
          <dl className="mt-3 grid grid-cols-[56px_1fr] gap-y-1 text-xs">
            <dt className="text-ink-3">Unit</dt>
            <dd>{about.unit}</dd>
            <dt className="text-ink-3">Source</dt>
            <dd>{about.source}</dd>
          </dl>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function TableView({ table, height }: { table: FigureTable; height: number | undefined }) {
  return (
    <section
      style={{ height }}
      className="max-h-[640px] min-h-28 overflow-auto"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
      aria-label="Table"
    >
      <table className="w-full text-xs">
        <thead className="sticky top-0 bg-surface">
          <tr className="text-left text-ink-3">
            {table.columns.map((column) => (
              <th key={column} className="border-b border-line py-1 pr-4 font-medium whitespace-nowrap">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows never move
            <tr key={index} className="border-b border-line/60">
              {row.map((cell, column) => (
                <td key={table.columns[column]} className="py-1 pr-4 whitespace-nowrap">
                  {cell === null ? (
                    <span className="text-ink-3 italic">not observed</span>
                  ) : typeof cell === "number" && !Number.isInteger(cell) ? (
                    formatNumber(cell)
                  ) : (
                    cell
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
