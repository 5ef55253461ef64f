"use client";
import { useQuery } from "urql";
import { RunsQuery } from "@/features/runs/queries.ts";
import { useLiveRuns } from "@/features/runs/use-live-runs.ts";
import { nodes } from "@/graphql/nodes.ts";
import { ButtonLink } from "@/ui/button.tsx";
import { ArrowRightIcon } from "@/ui/icons.tsx";
import { Section, useTitle } from "@/ui/page.tsx";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states.tsx";
import { ActiveRuns } from "./active-runs.tsx";
import { Catalogue } from "./catalogue.tsx";
import { MechanismDiagram } from "./mechanism-diagram.tsx";
import { NewestFigure } from "./newest-figure.tsx";
import { RunCard } from "./run-card.tsx";

const FINISHED = { first: 6, filter: { status: ["SUCCEEDED" as const] } };

export function HomePage() {
  useTitle(null);
  useLiveRuns();
  const [finished, retry] = useQuery({ query: RunsQuery, variables: FINISHED });
  const runs = nodes(finished.data?.runs.edges);

  return (
    <>
      <section className="grid items-center gap-x-16 gap-y-8 pt-6 pb-4 xl:grid-cols-[minmax(0,5fr)_minmax(0,6fr)]">
        <div>
          <h1 className="text-3xl">How does a language model recall a fact?</h1>
          <p className="mt-5 max-w-[58ch] text-base text-ink-2">
            Point Recallscope at a model and a factual task. It finds the heads that pass the subject on, what
            the MLPs erase and amplify, the component that turns France into Paris, and the final layer that
            holds the answer back. Every number comes with its interval, and with what it takes to measure it
            again.
          </p>
          <div className="mt-7 flex gap-2">
            <ButtonLink href="/runs/new" look="primary">
              Start a run
            </ButtonLink>
            <ButtonLink href="/runs">See all runs</ButtonLink>
          </div>
        </div>
        <MechanismDiagram run={runs[0]} />
      </section>

      <ActiveRuns />
      <NewestFigure newest={runs[0]} />

      <Section
        title="Newest results"
        aside={
          <ButtonLink href="/runs" look="quiet">
            All runs <ArrowRightIcon size={14} />
          </ButtonLink>
        }
      >
        {finished.error && runs.length === 0 ? (
          <ErrorState error={finished.error} onRetry={() => retry({ requestPolicy: "network-only" })} />
        ) : finished.data && runs.length === 0 ? (
          <EmptyState
            title="No run has finished yet"
            action={
              <ButtonLink href="/runs/new" look="primary">
                Start a run
              </ButtonLink>
            }
          >
            A run on the demo model takes seconds.
          </EmptyState>
        ) : (
          <div className="grid gap-4 md:grid-cols-2 xl:grid-cols-3">
            {finished.data
              ? runs.map((run) => <RunCard key={run.id} run={run} />)
              : ["a", "b", "c", "d", "e", "f"].map((key) => <Skeleton key={key} className="h-[194px]" />)}
          </div>
        )}
      </Section>

      <Catalogue />
    </>
  );
}
