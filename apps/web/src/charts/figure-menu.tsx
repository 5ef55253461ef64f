"use client";
import { type RefObject, useState } from "react";
import { useQuery } from "urql";
import { curlOf } from "@/graphql/request-text.ts";
import { usesToken, ViewerQuery } from "@/graphql/viewer.ts";
import type { FigureTable } from "@/table/figure-table.ts";
import { IconButton } from "@/ui/button.tsx";
import { useCopied } from "@/ui/copy-text.ts";
import { CheckIcon, DownloadIcon } from "@/ui/icons.tsx";
import { Menu, type MenuItem } from "@/ui/menu.tsx";
import { drawFigure, rasterise } from "./figure-drawing.ts";
import { download, type FigureStamp, figureCsv, figureJson } from "./figure-export.ts";
import { receiptLine } from "./figure-receipt.ts";

/** The figure as files, and the request that gives its numbers. */
export function FigureMenu(props: {
  figure: RefObject<HTMLElement | null>;
  name: string;
  table: () => FigureTable;
  stamp: Omit<FigureStamp, "address">;
  /** GraphQL that gives the figure's numbers. */
  query?: string | undefined;
  /** Whether there is a drawing at the moment, and not its table. */
  drawn: boolean;
  className?: string;
}) {
  const { name, table, query } = props;
  const [copied, copy] = useCopied();
  const [opened, setOpened] = useState(false);
  const [{ data }] = useQuery({ query: ViewerQuery, pause: !opened || query === undefined });
  const token = usesToken(data);
  const stamp = (): FigureStamp => ({ ...props.stamp, address: window.location.href });
  const drawing = () => {
    if (!props.figure.current) throw new Error("the figure is gone");
    return drawFigure(props.figure.current, props.stamp.receipts.map(receiptLine));
  };

  const items: MenuItem[] = [
    {
      label: "CSV",
      hint: "numbers",
      onSelect: () => download(`${name}.csv`, figureCsv(table(), stamp()), "text/csv;charset=utf-8"),
    },
    {
      label: "JSON",
      hint: "numbers",
      onSelect: () => download(`${name}.json`, figureJson(table(), stamp()), "application/json"),
    },
  ];
  if (props.drawn)
    items.push(
      {
        label: "SVG",
        hint: "vector",
        separated: true,
        onSelect: () => download(`${name}.svg`, drawing().svg, "image/svg+xml"),
      },
      {
        label: "PNG",
        hint: "pixels, 2×",
        onSelect: () => void rasterise(drawing()).then((blob) => download(`${name}.png`, blob, "image/png")),
      },
    );
  if (query !== undefined)
    items.push(
      { label: "Copy GraphQL", separated: true, onSelect: () => copy(query, "GraphQL") },
      { label: "Copy cURL", onSelect: () => copy(curlOf(query, window.location.origin, token), "cURL") },
    );
  return (
    <Menu items={items} onOpen={() => setOpened(true)}>
      <IconButton label={copied ? `${copied} copied` : "Export"} className={props.className}>
        {copied ? <CheckIcon size={14} className="text-good" /> : <DownloadIcon size={14} />}
      </IconButton>
    </Menu>
  );
}
