"use client";
import { useEffect } from "react";
import type { RunHeaderData } from "../queries.ts";
import type { RunView } from "../view-state.ts";
import { promptIndex } from "./use-prompt.ts";

/** What uses arrow keys itself. */
const OWN_ARROWS =
  "input, textarea, select, [contenteditable], [role=grid], [role=tablist], [role=slider], [role=menu], [role=listbox], [role=dialog], [role=radiogroup], [role=group]";

/** Left and right step through the mean and the prompts; Shift with up and down through the layers, as plain ones scroll the page. */
export function useArrowKeys(run: RunHeaderData | null | undefined, view: RunView): void {
  const { set } = view;
  useEffect(() => {
    if (run?.status !== "SUCCEEDED") return;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.target instanceof Element && event.target.closest(OWN_ARROWS)) return;
      const step = (event.shiftKey ? layerStep : promptStep)(event.key, run);
      if (!step) return;
      event.preventDefault();
      set(step, "replace");
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [run, set]);
}

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 };

function promptStep(key: string, run: RunHeaderData) {
  const step = STEPS[key];
  if (step === undefined) return null;
  return (values: RunView["values"]) => {
    // The mean lies before the first prompt.
    const next = (promptIndex({ values }) ?? -1) + step;
    if (next < -1 || next >= run.promptCount) return {};
    return { prompt: next === -1 ? null : String(next) };
  };
}

const LAYER_STEPS: Record<string, number> = { ArrowUp: -1, ArrowDown: 1 };

function layerStep(key: string, run: RunHeaderData) {
  const step = LAYER_STEPS[key];
  const layers = run.argumentPassing?.layers;
  if (step === undefined || layers === undefined) return null;
  return (values: RunView["values"]) => {
    const now = values.layer === "" ? (run.summary?.headlineLayer ?? layers) : Number(values.layer);
    const next = now + step;
    return next < 0 || next >= layers ? {} : { layer: String(next) };
  };
}
