"use client";
import { useEffect, useEffectEvent, useRef } from "react";
import { type Client, useClient } from "urql";
import { idle, pause, savesData } from "@/state/idle.ts";
import { oneOf } from "@/state/url-state.ts";
import { FurtherQuery } from "./queries.ts";
import type { TabProps } from "./tab.tsx";
import { loadTab } from "./tab-code.ts";
import { asking, MECHANISMS, numbersOfTab } from "./tab-numbers.ts";
import { TABS, type Tab } from "./view-state.ts";

/** Read by measurements: every tab's code and numbers are there. */
const TABS_AHEAD = "recallscope:tabs-ahead";

/** How long a page is left alone once it is there, in ms: whoever clicks at once has the server and the browser to themselves. */
const CALM = 1000;

/**
 * Loads tabs before they are opened, each once: one that somebody reaches for at once, the others one by one while the page is idle.
 * @returns what tells that somebody reaches for a tab
 */
export function useTabsAhead({ run, view }: TabProps): (tab: Tab) => unknown {
  const client = useClient();
  const loading = useRef(new Map<Tab, Promise<unknown>>());
  const load = (tab: Tab): Promise<unknown> => {
    const started = loading.current.get(tab) ?? loadAhead(client, tab, { run, view });
    loading.current.set(tab, started);
    return started;
  };
  const active = oneOf(view.values.tab, TABS);
  const reach = (tab: Tab) => (tab === active ? null : load(tab));
  const onIdle = useEffectEvent(reach);
  useEffect(() => {
    if (savesData()) return;
    let gone = false;
    void (async () => {
      await pause(CALM);
      for (const tab of TABS) {
        await idle();
        if (gone) return;
        await onIdle(tab);
      }
      performance.mark(TABS_AHEAD);
    })();
    return () => {
      gone = true;
    };
  }, []);
  return reach;
}

/** Whatever cannot be loaded is told when the tab is opened, which tries again. */
const loadAhead = (client: Client, tab: Tab, { run, view }: TabProps): Promise<unknown> => {
  const mechanism = MECHANISMS[tab];
  const questions = [
    ...numbersOfTab(tab, run, view),
    ...(mechanism ? [asking(FurtherQuery, { id: run.id, mechanism })] : []),
  ];
  return Promise.allSettled([
    loadTab(tab),
    ...questions.map(({ query, variables }) => client.query(query, variables).toPromise()),
  ]);
};
