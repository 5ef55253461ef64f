"use client";
import dynamic from "next/dynamic";
import { type ReactNode, useRef, useState } from "react";
import type { Explanation } from "@/features/explanations.ts";
import type { FigureTable } from "@/table/figure-table.ts";
import { IconButton } from "@/ui/button.tsx";
import { cx } from "@/ui/class-names.ts";
import { ChartIcon, FullScreenIcon, TableIcon } from "@/ui/icons.tsx";
import { FigureHelp } from "./figure-help.tsx";
import { FigureMenu } from "./figure-menu.tsx";
import { useFigureReceipts } from "./figure-receipts.tsx";
import { FigureTableView } from "./figure-table-view.tsx";

export interface FigureProps {
  /** What the figure shows, its unit, formula and source. */
  about: Explanation;
  /** Replaces the explanation's title where one explanation serves several figures. */
  title?: string;
  /** File name of downloads, without extension. */
  name: string;
  /** The numbers that are drawn, and no others. */
  table: () => FigureTable;
  /** GraphQL that gives these numbers, with no variables left open. */
  query?: string;
  controls?: ReactNode;
  legend?: ReactNode;
  /** One sentence that says what is seen, under the title. */
  caption?: ReactNode;
  compact?: boolean;
  className?: string;
  children: ReactNode;
}

const FullScreen = dynamic(() => import("./figure-full-screen.tsx").then((file) => file.FigureFullScreen), {
  ssr: false,
});

/** Frame of every figure: title, unit, help, full screen, table view and exports. Exported files name the runs of `FigureReceipts`. */
export function Figure(props: FigureProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState<number | null>(null);
  if (height === null)
    return (
      <div ref={frame} className={cx("min-w-0", props.className)}>
        <FigureFrame {...props} onFullScreen={() => setHeight(frame.current?.clientHeight ?? 0)} />
      </div>
    );
  return (
    <>
      {/* Keeps the figure's place in the page while it is on the full screen. */}
      <div
        style={{ height }}
        className={cx("rounded-lg border border-dashed border-line", props.className)}
      />
      <FullScreen {...props} onClose={() => setHeight(null)} />
    </>
  );
}

/** A figure with its toolbar; `onFullScreen` is missing where it is there already. */
export function FigureFrame(props: FigureProps & { onFullScreen?: () => void; corner?: ReactNode }) {
  const { about, name, table, compact = false, onFullScreen } = props;
  const receipts = useFigureReceipts();
  const figure = useRef<HTMLElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const [asTable, setAsTable] = useState(false);
  const [height, setHeight] = useState<number | undefined>(undefined);
  const title = props.title ?? about.title;
  const size = compact ? "size-6" : "";
  const toggle = () => {
    if (!asTable) setHeight(body.current?.clientHeight);
    setAsTable(!asTable);
  };

  return (
    <figure
      ref={figure}
      className={cx(
        "group/figure min-w-0 rounded-lg border border-line bg-surface",
        compact ? "p-3" : "px-5 pt-4 pb-5",
      )}
    >
      <div className="flex items-start justify-between gap-2">
        <figcaption className="min-w-0">
          <h3 className={compact ? "text-sm" : "text-base"}>{title}</h3>
          <p className="label">{about.unit}</p>
        </figcaption>
        <div data-export="no" className={cx("-mt-1 -mr-1.5 flex shrink-0", compact ? "text-ink-3" : "")}>
          <FigureHelp title={title} about={about} />
          <IconButton
            label={asTable ? "Show as figure" : "Show as table"}
            aria-pressed={asTable}
            onClick={toggle}
            className={size}
          >
            {asTable ? <ChartIcon size={14} /> : <TableIcon size={14} />}
          </IconButton>
          {onFullScreen && (
            <IconButton label="Full screen" onClick={onFullScreen} className={size}>
              <FullScreenIcon size={14} />
            </IconButton>
          )}
          <FigureMenu
            figure={figure}
            name={name}
            table={table}
            stamp={{ title, about, receipts }}
            query={props.query}
            drawn={!asTable}
            className={size}
          />
          {props.corner}
        </div>
      </div>
      {props.caption && <p className="mt-1 max-w-[80ch] text-sm text-ink-2">{props.caption}</p>}
      {(props.controls || props.legend) && (
        <div className="mt-3 flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
          {props.controls ? <div data-export="no">{props.controls}</div> : <span />}
          {props.legend}
        </div>
      )}
      <div ref={body} className="mt-3">
        {asTable ? <FigureTableView table={table()} height={height} /> : props.children}
      </div>
    </figure>
  );
}
