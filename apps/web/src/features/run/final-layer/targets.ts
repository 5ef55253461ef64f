import type { FinalLayer } from "../queries.ts";

type Target = FinalLayer["sweeps"][number]["target"];

/** What a sweep scales, and its line. */
export const TARGETS: Record<Target, { label: string; color: string; dash?: string }> = {
  HEADS: { label: "Heads", color: "var(--series-1)", dash: "6 3" },
  MLP: { label: "MLP", color: "var(--series-2)", dash: "2 3" },
  JOINT: { label: "Both", color: "var(--ink)" },
};
