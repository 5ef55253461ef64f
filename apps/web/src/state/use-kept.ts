"use client";
import { useState } from "react";

/** The newest value that was there: what was shown stays on the page while the next answer is on its way. */
export function useKept<Value>(value: Value | undefined): Value | undefined {
  const [kept, setKept] = useState(value);
  if (value !== undefined && value !== kept) setKept(value);
  return value ?? kept;
}
