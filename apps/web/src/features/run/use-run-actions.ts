"use client";
import { useRouter } from "next/navigation";
import { useMemo } from "react";
import { compareLink } from "@/features/runs/links.ts";
import { type PageAction, usePageActions } from "@/state/page-actions.tsx";
import { copyText } from "@/ui/copy-text.ts";
import { followDownload } from "@/ui/follow-download.ts";
import type { RunHeaderData } from "./queries.ts";
import { repeatLink } from "./repeat-link.ts";
import { type RunView, TABS, type Tab } from "./view-state.ts";

const NAMES: Record<Tab, string> = {
  prediction: "Prediction",
  heads: "Argument passing",
  mlp: "MLP activation",
  function: "Function application",
  final: "Final layer",
  prompts: "Prompts",
  details: "Details",
};

/** What the command palette can do on a run's page. */
export function useRunActions(run: RunHeaderData | null | undefined, { set }: Pick<RunView, "set">): void {
  const router = useRouter();
  const actions = useMemo((): PageAction[] => {
    if (!run) return [];
    const { exports } = run;
    return [
      ...(run.status === "SUCCEEDED"
        ? TABS.map((tab) => ({
            label: `Tab: ${NAMES[tab]}`,
            words: "show mechanism",
            run: () => set({ tab }),
          }))
        : []),
      {
        label: "Copy link to this view",
        words: "permalink address share",
        run: () => void copyText(window.location.href),
      },
      { label: "Show the mean over prompts", words: "prompt interval", run: () => set({ prompt: null }) },
      { label: "Compare this run", run: () => router.push(compareLink([run.id])) },
      { label: "Repeat this run", words: "again settings", run: () => router.push(repeatLink(run)) },
      ...(exports
        ? [
            {
              label: "Download the report",
              words: "export json",
              hint: "JSON",
              run: () => followDownload(exports.report),
            },
            {
              label: "Download all tables",
              words: "export latex",
              hint: "LaTeX",
              run: () => followDownload(exports.latex),
            },
            {
              label: "Download all arrays",
              words: "export",
              hint: "safetensors",
              run: () => followDownload(exports.arrays),
            },
            {
              label: "Download the bundle",
              words: "export import",
              hint: "bundle",
              run: () => followDownload(exports.bundle),
            },
          ]
        : []),
    ];
  }, [run, set, router]);
  usePageActions(actions);
}
