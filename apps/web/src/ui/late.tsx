"use client";
import { type ReactNode, useDeferredValue } from "react";

/** Leaves what is far down the page to the frame after the first, so that what is in sight need not wait for it. */
export function Late({ height, children }: { height: number; children: ReactNode }) {
  const drawn = useDeferredValue(true, false);
  return drawn ? children : <div style={{ height }} />;
}
