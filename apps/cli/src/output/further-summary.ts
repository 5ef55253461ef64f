import { FURTHER_ANALYSES, type FurtherId, figuresOf, type RunReport } from "@recallscope/engine";
import { pairs } from "./table.ts";

/** What the further analyses of a run found, in words; the numbers behind them are in the JSON report and on the dashboard. */
export function summariseFurther({ further = {}, argumentPassing }: RunReport): string {
  const ids = (Object.keys(FURTHER_ANALYSES) as FurtherId[]).filter((id) => further[id]);
  if (ids.length === 0) return "";
  const parts = ids.map((id) => {
    const notes = figuresOf(id, further[id] as never, argumentPassing).flatMap((figure) =>
      figure.kind === "NOTES"
        ? [
            ...(figure.title.startsWith("Verdict:") ? [[`  ${figure.title}`, ""] as const] : []),
            ...figure.notes.map(({ label, value }) => [`  ${label}`, value] as const),
          ]
        : [],
    );
    const title = FURTHER_ANALYSES[id].title;
    return notes.length ? `${title}\n${pairs(notes)}` : `${title}: in the JSON report and on the dashboard`;
  });
  return `Further analyses: ${ids.join(", ")}\n\n${parts.join("\n")}`;
}
