import type { AnyVariables, DocumentInput } from "urql";
import { knownChoice, promptsAsked } from "./prompts/prompts-asked.ts";
import {
  ArgumentPassingQuery,
  DecompositionQuery,
  DetailsQuery,
  FinalLayerQuery,
  InterceptsQuery,
  PredictionQuery,
  PromptsQuery,
  R2ByLayerQuery,
  RunFilesQuery,
} from "./queries.ts";
import { regressorsOf } from "./regressor-choice.tsx";
import type { TabProps } from "./tab.tsx";
import type { Tab } from "./view-state.ts";

export interface Asking {
  query: DocumentInput<unknown, AnyVariables>;
  variables: AnyVariables;
}
export const asking = <Variables extends AnyVariables>(
  query: DocumentInput<unknown, Variables>,
  variables: Variables,
): Asking => ({ query: query as Asking["query"], variables });

/** The engine's names of the steps of the account that tabs show. */
export const MECHANISMS: Partial<Record<Tab, string>> = {
  prediction: "prediction",
  heads: "argument passing",
  mlp: "MLP activation",
  function: "function application",
  final: "final layer",
};

/** What a tab asks the server first, so that it can be asked ahead. */
export function numbersOfTab(tab: Tab, run: TabProps["run"], view: TabProps["view"]): Asking[] {
  const { id } = run;
  const regressors = regressorsOf(view);
  const layer = /^\d+$/.test(view.values.layer)
    ? Number(view.values.layer)
    : (run.summary?.headlineLayer ?? null);
  const asked: Record<Tab, Asking[]> = {
    prediction: [asking(PredictionQuery, { id })],
    heads: [asking(ArgumentPassingQuery, { id })],
    mlp: [
      asking(R2ByLayerQuery, { id, regressors }),
      ...(layer === null ? [] : [asking(DecompositionQuery, { id, regressors, layer })]),
    ],
    function: [asking(InterceptsQuery, { id, regressors })],
    final: [asking(FinalLayerQuery, { id })],
    prompts: [asking(PromptsQuery, promptsAsked(id, knownChoice(view), null))],
    details: [asking(DetailsQuery, { id }), asking(RunFilesQuery, { id })],
  };
  return asked[tab];
}
