"use client";
import { useEffect, useRef, useState } from "react";
import { type Edits, readEdits, writeEdits } from "./edits.ts";

/** How long a slider rests before the address follows it: browsers refuse addresses that change too often. */
const REST_MS = 250;

/** The edits of the address, changed at once here and a moment later there; Back and links change them, too. */
export function useEdits(text: string, write: (text: string) => void): [Edits, (edits: Edits) => void] {
  const [edits, setEdits] = useState(() => readEdits(text));
  const known = useRef(text);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (text === known.current) return;
    known.current = text;
    clearTimeout(timer.current);
    setEdits(readEdits(text));
  }, [text]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const change = (next: Edits) => {
    setEdits(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      known.current = writeEdits(next);
      write(known.current);
    }, REST_MS);
  };
  return [edits, change];
}
