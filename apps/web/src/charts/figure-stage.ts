"use client";
import { createContext, useContext } from "react";

/** Height that a drawing may take on the full screen, CSS pixels; null in the page, where drawings know their own height. */
export const FigureStage = createContext<number | null>(null);

/** The height to draw in: at least `own`, and the whole stage on the full screen. */
export function useStageHeight(own: number): number {
  const stage = useContext(FigureStage);
  return stage === null ? own : Math.max(own, stage);
}

export const useOnStage = (): boolean => useContext(FigureStage) !== null;
