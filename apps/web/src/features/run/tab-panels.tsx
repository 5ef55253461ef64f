"use client";
import { Tabs } from "radix-ui";
import { Activity, useEffect, useState } from "react";
import { oneOf } from "@/state/url-state.ts";
import { FurtherSection } from "./further/further-section.tsx";
import { type TabProps, TabSkeleton } from "./tab.tsx";
import { loadTab, tabNow } from "./tab-code.ts";
import { MECHANISMS } from "./tab-numbers.ts";
import { TABS, type Tab } from "./view-state.ts";

/** A tab when its code is there. React would keep a lazy component back for 300 ms once its place holder was shown. */
function Panel({ tab, ...props }: TabProps & { tab: Tab }) {
  const [Loaded, setLoaded] = useState(() => tabNow(tab));
  useEffect(() => {
    if (Loaded) return;
    loadTab(tab).then(
      (Code) => setLoaded(() => Code),
      (error: unknown) =>
        setLoaded(() => {
          throw error;
        }),
    );
  }, [tab, Loaded]);
  return Loaded ? <Loaded {...props} /> : <TabSkeleton />;
}

/** The code and the numbers of a tab come when it is opened, if not before; what was opened stays drawn, out of sight. */
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
