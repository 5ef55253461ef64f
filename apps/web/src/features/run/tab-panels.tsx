"use client";
import dynamic from "next/dynamic";
import { Tabs } from "radix-ui";
import { Activity, type ComponentType, useState } from "react";
import { oneOf } from "@/state/url-state.ts";
import { FurtherSection } from "./further/further-section.tsx";
import { type TabProps, TabSkeleton } from "./tab.tsx";
import { TABS, type Tab } from "./view-state.ts";

const PANELS: Record<Tab, ComponentType<TabProps>> = {
  prediction: dynamic(() => import("./prediction/prediction-tab.tsx").then((file) => file.PredictionTab), {
    loading: TabSkeleton,
    ssr: false,
  }),
  heads: dynamic(
    () => import("./argument-passing/argument-passing-tab.tsx").then((file) => file.ArgumentPassingTab),
    { loading: TabSkeleton, ssr: false },
  ),
  mlp: dynamic(
    () => import("./mlp-activation/mlp-activation-tab.tsx").then((file) => file.MlpActivationTab),
    { loading: TabSkeleton, ssr: false },
  ),
  function: dynamic(
    () =>
      import("./function-application/function-application-tab.tsx").then(
        (file) => file.FunctionApplicationTab,
      ),
    { loading: TabSkeleton, ssr: false },
  ),
  final: dynamic(() => import("./final-layer/final-layer-tab.tsx").then((file) => file.FinalLayerTab), {
    loading: TabSkeleton,
    ssr: false,
  }),
  prompts: dynamic(() => import("./prompts/prompts-tab.tsx").then((file) => file.PromptsTab), {
    loading: TabSkeleton,
    ssr: false,
  }),
  details: dynamic(() => import("./details/details-tab.tsx").then((file) => file.DetailsTab), {
    loading: TabSkeleton,
    ssr: false,
  }),
};

/** The engine's names of the steps of the account that tabs show. */
const MECHANISMS: Partial<Record<Tab, string>> = {
  prediction: "prediction",
  heads: "argument passing",
  mlp: "MLP activation",
  function: "function application",
  final: "final layer",
};

/** The code and the numbers of a tab are loaded when it is opened first; what was opened stays drawn, out of sight. */
export function TabPanels(props: TabProps) {
  const active = oneOf(props.view.values.tab, TABS);
  const [opened, setOpened] = useState<readonly Tab[]>([active]);
  if (!opened.includes(active)) setOpened([...opened, active]);
  return TABS.map((tab) => {
    const Panel = PANELS[tab];
    const mechanism = MECHANISMS[tab];
    const shown = tab === active;
    return (
      <Tabs.Content
        key={tab}
        value={tab}
        forceMount
        hidden={!shown}
        className="min-h-[70vh] pt-6 outline-offset-4"
      >
        {opened.includes(tab) && (
          <Activity mode={shown ? "visible" : "hidden"}>
            <Panel {...props} />
            {mechanism && <FurtherSection run={props.run} mechanism={mechanism} />}
          </Activity>
        )}
      </Tabs.Content>
    );
  });
}
