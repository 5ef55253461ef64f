import { oneOf } from "@/state/url-state.ts";
import type { RunView } from "../view-state.ts";

export const PAGE_SIZE = 500;

/** Which facts' prompts the address asks for. */
export const knownChoice = ({ values }: Pick<RunView, "values">) =>
  oneOf(values.known, ["", "yes", "no"] as const);

/** Variables of the query for a page of prompts. @param after the cursor it begins after; null for the first page */
export const promptsAsked = (run: string, choice: "" | "yes" | "no", after: string | null) => ({
  id: run,
  first: PAGE_SIZE,
  after,
  known: choice === "" ? null : choice === "yes",
});
