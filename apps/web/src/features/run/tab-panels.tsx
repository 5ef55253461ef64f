"use client";
import { Tabs } from "radix-ui";
import { Activity, type ComponentType, useEffect, useRef, useState } from "react";
import { useClient } from "urql";
import { oneOf } from "@/state/url-state.ts";
import { FurtherSection } from "./further/further-section.tsx";
import { FurtherQuery } from "./queries.ts";
import { type TabProps, TabSkeleton } from "./tab.tsx";
import { asking, numbersOfTab } from "./tab-numbers.ts";
import { TABS, type Tab } from "./view-state.ts";

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
const load = (tab: Tab) =>
  CODE[tab]().then((Panel) => {
    known.set(tab, Panel);
    return Panel;
  });

/** A tab when its code is there. React would keep a lazy component back for 300 ms once its place holder was shown. */
function Panel({ tab, ...props }: TabProps & { tab: Tab }) {
  const [Loaded, setLoaded] = useState(() => known.get(tab) ?? null);
  useEffect(() => {
    if (Loaded) return;
    load(tab).then(
      (Code) => setLoaded(() => Code),
      (error: unknown) =>
        setLoaded(() => {
          throw error;
        }),
    );
  }, [tab, Loaded]);
  return Loaded ? <Loaded {...props} /> : <TabSkeleton />;
}

/** The engine's names of the steps of the account that tabs show. */
const MECHANISMS: Partial<Record<Tab, string>> = {
  prediction: "prediction",
  heads: "argument passing",
  mlp: "MLP activation",
  function: "function application",
  final: "final layer",
};

/** Loads the code and the numbers of a tab when somebody reaches for it first. */
export function useReachTab({ run, view }: TabProps): (tab: Tab) => void {
  const client = useClient();
  const reached = useRef(new Set<Tab>());
  return (tab) => {
    if (reached.current.has(tab) || tab === oneOf(view.values.tab, TABS)) return;
    reached.current.add(tab);
    load(tab).catch(() => {});
    const mechanism = MECHANISMS[tab];
    for (const { query, variables } of [
      ...numbersOfTab(tab, run, view),
      ...(mechanism ? [asking(FurtherQuery, { id: run.id, mechanism })] : []),
    ])
      void client.query(query, variables).toPromise();
  };
}

/** The code and the numbers of a tab are loaded when somebody reaches for it; what was opened stays drawn, out of sight. */
export function TabPanels(props: TabProps) {
  const active = oneOf(props.view.values.tab, TABS);
  const [opened, setOpened] = useState<readonly Tab[]>([active]);
  if (!opened.includes(active)) setOpened([...opened, active]);
  return TABS.map((tab) => {
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
            <Panel tab={tab} {...props} />
            {mechanism && <FurtherSection run={props.run} mechanism={mechanism} />}
          </Activity>
        )}
      </Tabs.Content>
    );
  });
}
