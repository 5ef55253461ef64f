"use client";
import { useMemo } from "react";
import { useQuery } from "urql";
import { plural } from "@/format/numbers.ts";
import { useKept } from "@/state/use-kept.ts";
import { KeyNumbers } from "@/ui/key-numbers.tsx";
import { Late } from "@/ui/late.tsx";
import { Section } from "@/ui/page.tsx";
import { QueryView } from "@/ui/query-view.tsx";
import { EmptyState } from "@/ui/states.tsx";
import { LiveSection } from "../live/live-section.tsx";
import { headsOfPrompt, metricsOfPrompt } from "../prompt/prompt-estimates.ts";
import { usePrompt } from "../prompt/use-prompt.ts";
import { type ArgumentPassing, ArgumentPassingQuery, type PromptNumbers } from "../queries.ts";
import { type TabProps, TabSkeleton } from "../tab.tsx";
import { HeadCard } from "./head-card.tsx";
import { HeadMapFigure } from "./head-map-figure.tsx";
import { HeadsTable } from "./heads-table.tsx";
import type { HeadMetric } from "./metrics.ts";

const SMALL_MAPS = [
  "noising",
  "denoising",
  "attentionToSubject",
  "valueWeightedShare",
  "dlaSubject",
  "dlaAnswer",
] as const;

/** Heights of the maps: enough for the model's layers, the same for all small ones. */
const mapHeight = (layers: number) => Math.min(560, Math.max(290, layers * 22 + 34));
const smallHeight = (layers: number) => Math.min(330, Math.max(164, layers * 11 + 16));
const tableHeight = (heads: number) => Math.min(520, (heads + 1) * 37) + 40;

export function ArgumentPassingTab({ run, view }: TabProps) {
  const [state, retry] = useQuery({ query: ArgumentPassingQuery, variables: { id: run.id } });
  const numbers = useKept(usePrompt(run, view));
  return (
    <QueryView
      state={state}
      retry={retry}
      pick={(data) => data.run?.argumentPassing}
      skeleton={<TabSkeleton />}
      missing={<EmptyState title="This run has no argument passing results" />}
    >
      {(data) => (
        <div className="grid grid-cols-1 gap-5">
          <Content run={run.id} mean={data} numbers={numbers ?? null} name={`heads-${run.key}`} />
          <LiveSection run={run} view={view} data={data} />
        </div>
      )}
    </QueryView>
  );
}

function Content(props: { run: string; mean: ArgumentPassing; numbers: PromptNumbers | null; name: string }) {
  const { run, mean, numbers, name } = props;
  const data = useMemo(() => (numbers ? headsOfPrompt(mean, numbers) : mean), [mean, numbers]);
  const own = numbers ? metricsOfPrompt(numbers) : [];
  const promptOf = (metric: HeadMetric) => (numbers && own.includes(metric) ? numbers.prompt.index : null);
  return (
    <div className="grid grid-cols-1 gap-5">
      <KeyNumbers
        items={[
          {
            label: "Clean logit difference",
            estimate: data.cleanMetric,
            unit: "logit",
            signed: true,
            help: "logit(y) − logit(y′) on the clean prompts: what a full effect restores",
          },
          {
            label: "Corrupted",
            estimate: data.corruptedMetric,
            unit: "logit",
            signed: true,
            help: "The same difference on prompts with the donor's subject: effect 0",
          },
          {
            label: "Pairs",
            plain: data.pairs,
            unit: "count",
            help: "Clean and corrupted prompts of equal length",
          },
          {
            label: "Movers",
            plain: data.movers.length,
            unit: "count",
            help: "Heads with q < 0.05, interval above 0 and effect of at least 0.02",
          },
        ]}
      />
      {data.excludedPairs.length > 0 && (
        <p className="px-1 text-sm text-ink-2">
          {plural(data.excludedPairs.length, "pair")} left out of the normalised effects; Details says which
          and why.
        </p>
      )}
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_340px]">
        <HeadMapFigure
          run={run}
          data={data}
          prompt={promptOf("effect")}
          metric="effect"
          name={name}
          height={mapHeight(data.layers)}
        />
        <HeadCard data={data} />
      </div>
      <div className="grid gap-4 md:grid-cols-2 xl:grid-cols-3">
        {SMALL_MAPS.map((metric) => (
          <HeadMapFigure
            key={metric}
            run={run}
            data={data}
            prompt={promptOf(metric)}
            metric={metric}
            name={name}
            height={smallHeight(data.layers)}
            compact
          />
        ))}
      </div>
      <Section title="Heads, ranked by effect" className="mt-4">
        <Late height={tableHeight(data.heads.length)}>
          <HeadsTable data={data} name={name} />
        </Late>
      </Section>
    </div>
  );
}
