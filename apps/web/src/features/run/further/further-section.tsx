"use client";
import { useQuery } from "urql";
import { Section } from "@/ui/page.tsx";
import { QueryView } from "@/ui/query-view.tsx";
import { Skeleton } from "@/ui/states.tsx";
import { furtherQuery } from "../figure-queries.ts";
import { type FurtherFigureData, FurtherQuery } from "../queries.ts";
import type { TabProps } from "../tab.tsx";
import { FurtherFigure } from "./further-figure.tsx";

/** Several panels stand beside each other in one figure. */
const isWide = (figure: FurtherFigureData): boolean =>
  figure.__typename === "ReliabilityFigure" && figure.curves.length > 2;

/** What the further analyses of one mechanism found: each with its sentence and its figures. */
export function FurtherSection({ run, mechanism }: Pick<TabProps, "run"> & { mechanism: string }) {
  const [state, retry] = useQuery({ query: FurtherQuery, variables: { id: run.id, mechanism } });
  return (
    <QueryView
      state={state}
      retry={retry}
      pick={(data) => data.run?.further}
      skeleton={<Skeleton className="mt-6 h-[320px]" />}
      missing={null}
    >
      {(results) => (
        <>
          {results.map(({ analysis, figures }) => (
            <Section key={analysis.id} title={analysis.title} className="mt-8">
              <p className="mb-3 max-w-3xl px-1 text-sm text-ink-2">{analysis.summary}</p>
              <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-2">
                {figures.map((figure) => (
                  <div key={figure.id} className={isWide(figure) ? "lg:col-span-2" : undefined}>
                    <FurtherFigure
                      query={furtherQuery(run.id, analysis.id, figure.id)}
                      figure={figure}
                      name={`${analysis.id}-${figure.id}-${run.key}`}
                    />
                  </div>
                ))}
              </div>
            </Section>
          ))}
        </>
      )}
    </QueryView>
  );
}
