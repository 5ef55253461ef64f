"use client";
import { Tabs } from "radix-ui";
import { useEffect, useMemo } from "react";
import { useQuery } from "urql";
import { FigureReceipts } from "@/charts/figure-receipts.tsx";
import { useLiveRun } from "@/features/runs/use-live-runs.ts";
import { plural } from "@/format/numbers.ts";
import { shortModelName } from "@/format/runs.ts";
import { SelectionProvider } from "@/state/selection.tsx";
import { oneOf, useUnknownParameters, useUrlState } from "@/state/url-state.ts";
import { ButtonLink } from "@/ui/button.tsx";
import { useTitle } from "@/ui/page.tsx";
import { isActive, percent } from "@/ui/run-status.tsx";
import { EmptyState, ErrorState, Notice } from "@/ui/states.tsx";
import { MechanismTabs } from "./mechanism-tabs.tsx";
import { PromptBar } from "./prompt/prompt-bar.tsx";
import { useArrowKeys } from "./prompt/use-arrow-keys.ts";
import { RunHeaderQuery } from "./queries.ts";
import { receiptsOf } from "./receipt.ts";
import { RepeatSection } from "./repeat-section.tsx";
import { RunHeader, RunHeaderSkeleton } from "./run-header.tsx";
import { RunOutcome } from "./run-outcome.tsx";
import { type TabProps, TabSkeleton } from "./tab.tsx";
import { TabPanels } from "./tab-panels.tsx";
import { useTabsAhead } from "./tabs-ahead.ts";
import { useRunActions } from "./use-run-actions.ts";
import { RUN_VIEW_DEFAULTS, TABS } from "./view-state.ts";

export function RunPage({ id }: { id: string }) {
  const [{ data, error, fetching }, refetch] = useQuery({ query: RunHeaderQuery, variables: { id } });
  const askAgain = () => refetch({ requestPolicy: "network-only" });
  const run = data?.run;
  const view = useUrlState(RUN_VIEW_DEFAULTS);
  const unknown = useUnknownParameters(Object.keys(RUN_VIEW_DEFAULTS));
  const { set } = view;
  const receipts = useMemo(() => receiptsOf(run), [run]);

  useLiveRun(run);
  useArrowKeys(run, view);
  useRunActions(run, view);
  const name = run ? `${run.task.title}, ${shortModelName(run.model.name)}` : null;
  useTitle(run?.status === "RUNNING" && run.progress ? `${percent(run.progress.fraction)} ${name}` : name);

  // An event says that the run ended, and nothing of what it found. Tabs that were drawn now would take that for the answer.
  const incomplete = run?.status === "SUCCEEDED" && !run.prediction;
  useEffect(() => {
    if (incomplete) refetch({ requestPolicy: "network-only" });
  }, [incomplete, refetch]);

  if (!run) {
    if (error) return <ErrorState error={error} onRetry={askAgain} />;
    if (data && !fetching) {
      return (
        <EmptyState title="There is no such run" action={<ButtonLink href="/runs">All runs</ButtonLink>}>
          It may have been deleted, or the address is mistyped.
        </EmptyState>
      );
    }
    return <RunHeaderSkeleton />;
  }

  return (
    <SelectionProvider values={view.values} set={set}>
      <FigureReceipts receipts={receipts}>
        <RunHeader run={run} onTables={() => set({ tab: "details" })} />
        {unknown.length > 0 && (
          <div className="mb-4">
            <Notice tone="info">
              The address has parts this page does not know, and ignores: {unknown.join(", ")}.
            </Notice>
          </div>
        )}
        {run.summary && !run.summary.sufficient && (
          <div className="mb-4">
            <Notice>
              The model knows {plural(run.summary.factsKnown, "fact")} of {run.summary.factsTotal}. Fewer than
              8 known facts carry no test: read every number here as a description.
            </Notice>
          </div>
        )}
        {incomplete ? (
          error ? (
            <ErrorState error={error} onRetry={askAgain} />
          ) : (
            <TabSkeleton />
          )
        ) : run.status === "SUCCEEDED" ? (
          <Tabs.Root
            value={oneOf(view.values.tab, TABS)}
            onValueChange={(tab) => set({ tab })}
            activationMode="manual"
          >
            <RunTabs run={run} view={view} />
            <RepeatSection run={run.id} />
          </Tabs.Root>
        ) : (
          <RunOutcome run={run} active={isActive(run.status)} />
        )}
      </FigureReceipts>
    </SelectionProvider>
  );
}

function RunTabs({ run, view }: TabProps) {
  return (
    <>
      <MechanismTabs run={run} onReach={useTabsAhead({ run, view })} />
      <PromptBar run={run} view={view} />
      <TabPanels run={run} view={view} />
    </>
  );
}
