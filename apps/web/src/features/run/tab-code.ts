import type { ComponentType } from "react";
import type { TabProps } from "./tab.tsx";
import type { Tab } from "./view-state.ts";

const CODE: Record<Tab, () => Promise<ComponentType<TabProps>>> = {
  prediction: () => import("./prediction/prediction-tab.tsx").then((file) => file.PredictionTab),
  heads: () => import("./argument-passing/argument-passing-tab.tsx").then((file) => file.ArgumentPassingTab),
  mlp: () => import("./mlp-activation/mlp-activation-tab.tsx").then((file) => file.MlpActivationTab),
  function: () =>
    import("./function-application/function-application-tab.tsx").then((file) => file.FunctionApplicationTab),
  final: () => import("./final-layer/final-layer-tab.tsx").then((file) => file.FinalLayerTab),
  prompts: () => import("./prompts/prompts-tab.tsx").then((file) => file.PromptsTab),
  details: () => import("./details/details-tab.tsx").then((file) => file.DetailsTab),
};
const known = new Map<Tab, ComponentType<TabProps>>();

/** The tab, if its code is there already. */
export const tabNow = (tab: Tab): ComponentType<TabProps> | null => known.get(tab) ?? null;

/** The tab, when its code is there. */
export const loadTab = (tab: Tab) =>
  CODE[tab]().then((Panel) => {
    known.set(tab, Panel);
    return Panel;
  });
