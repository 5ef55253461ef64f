"use client";
import { useMemo } from "react";
import { useAhead } from "@/state/use-ahead.ts";
import { type Edits, readEdits, writeEdits } from "./edits.ts";

/** The edits of the address, changed at once here and a moment later there. */
export function useEdits(text: string, write: (text: string) => void): [Edits, (edits: Edits) => void] {
  const [held, change] = useAhead(text, write);
  return [useMemo(() => readEdits(held), [held]), (edits) => change(writeEdits(edits))];
}
