"use client";
import { createContext, type ReactNode, useContext } from "react";
import type { FigureReceipt } from "./figure-receipt.ts";

const ReceiptsContext = createContext<readonly FigureReceipt[]>([]);

/** The runs behind the figures inside, in the order in which they are drawn; exported files name them. */
export const FigureReceipts = (props: { receipts: readonly FigureReceipt[]; children: ReactNode }) => (
  <ReceiptsContext value={props.receipts}>{props.children}</ReceiptsContext>
);

export const useFigureReceipts = (): readonly FigureReceipt[] => useContext(ReceiptsContext);
