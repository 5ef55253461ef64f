"use client";
import { useQuery } from "urql";
import { parseHead } from "@/format/heads.ts";
import { nodes } from "@/graphql/nodes.ts";
import { useSelection } from "@/state/selection.tsx";
import { oneOf } from "@/state/url-state.ts";
import { Button } from "@/ui/button.tsx";
import { Section } from "@/ui/page.tsx";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states.tsx";
import { promptIndex } from "../prompt/use-prompt.ts";
import { type ArgumentPassing, PromptsQuery } from "../queries.ts";
import type { TabProps } from "../tab.tsx";
import { LastAttentionFigure, PatternFigure } from "./attention-figures.tsx";
import { CLIENT_NAME } from "./client-name.ts";
import { FlowFigure } from "./flow-figure.tsx";
import { InterventionPanel } from "./intervention-panel.tsx";
import { PLACES, PositionFigure } from "./position-figure.tsx";
import { LiveAttentionQuery, LiveFlowQuery } from "./queries.ts";

/** Height of a map of so many rows. */
const mapHeight = (rows: number) => Math.min(620, rows * 21 + 60);
/** Heads of the flow: what the server takes, and what is shown beside a head that is chosen alone. */
const MOST_HEADS = 12;
const MOST_BESIDE = 3;

/** One prompt, computed as one looks: where a head looks, how the subject reaches the answer, and what changes when parts are scaled. */
export function LiveSection({ run, view, data }: TabProps & { data: ArgumentPassing }) {
  const prompt = promptIndex(view);
  const isThere = prompt !== null && prompt < run.promptCount;
  return (
    <Section title="One prompt, live" className="mt-4">
      {isThere ? (
        <Live key={prompt} run={run} view={view} data={data} prompt={prompt} />
      ) : (
        <EmptyState
          title={
            prompt === null
              ? "No prompt is chosen: everything above is a mean over facts"
              : `The run has no prompt ${prompt}`
          }
          action={<FirstPrompt run={run.id} onChoose={(index) => view.set({ prompt: String(index) })} />}
        >
          For one prompt you see where a head looks, how the subject reaches the answer, and what the model
          says when heads and MLPs are turned up or down.
        </EmptyState>
      )}
    </Section>
  );
}

/** Offers the first prompt whose fact the model knows. */
function FirstPrompt({ run, onChoose }: { run: string; onChoose: (index: number) => void }) {
  const [{ data }] = useQuery({
    query: PromptsQuery,
    variables: { id: run, first: 1, after: null, known: true },
  });
  if (!data) return null;
  const [first] = nodes(data.run?.prompts?.edges);
  return (
    <Button look="primary" onClick={() => onChoose(first?.index ?? 0)}>
      {first ? `Look at “${first.text} …”` : "Look at the first prompt"}
    </Button>
  );
}

function Live({ run, view, data, prompt }: TabProps & { data: ArgumentPassing; prompt: number }) {
  const selection = useSelection();
  const { selected } = selection;
  const chosen = selection.heads.map(({ label }) => label);
  const input = { run: run.id, prompt, client: CLIENT_NAME };
  const strongest = data.movers[0] ?? data.heads.toSorted((a, b) => a.rank - b.rank)[0]?.label ?? "L0H0";
  const head = parseHead(selected ?? strongest)!;
  const label = `L${head.layer}H${head.head}`;
  const [attention, retryAttention] = useQuery({
    query: LiveAttentionQuery,
    variables: { input, layer: head.layer, head: head.head },
  });
  const shown = attention.data?.livePrompt;
  const heads = flowHeads(chosen, data);
  const [flow, retryFlow] = useQuery({ query: LiveFlowQuery, variables: { input, heads } });
  const weighting = oneOf(view.values.weights, ["weight", "value"] as const);
  const places = oneOf(view.values.places, PLACES);
  const name = `prompt-${prompt}-${run.key}`;
  const headline = run.summary?.headlineLayer ?? null;
  const intercepts = run.functionApplication?.intercepts.map(({ layer }) => layer) ?? [];
  const again = { requestPolicy: "network-only" } as const;

  return (
    <div className="grid grid-cols-1 gap-5">
      {attention.error && !shown ? (
        <ErrorState error={attention.error} onRetry={() => retryAttention(again)} />
      ) : shown ? (
        <LastAttentionFigure
          of={input}
          data={shown}
          weighting={weighting}
          name={`${name}-${label}`}
          onWeighting={(weights) => view.set({ weights }, "replace")}
        />
      ) : (
        <Skeleton className="h-[260px]" />
      )}
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_400px]">
        <div className="grid min-w-0 grid-cols-1 gap-5">
          {flow.error && !flow.data ? (
            <ErrorState error={flow.error} onRetry={() => retryFlow(again)} />
          ) : flow.data ? (
            <FlowFigure of={input} flow={flow.data.livePrompt.flow} name={name} />
          ) : (
            <Skeleton className="h-[340px]" />
          )}
          {shown && (
            <PositionFigure
              input={input}
              layers={data.layers}
              headsPerLayer={data.headsPerLayer}
              tokens={shown.attention.tokens.map(({ text }) => text)}
              subject={[shown.subjectStart ?? 0, shown.subjectEnd ?? 0]}
              places={places}
              onPlaces={(next) => view.set({ places: next }, "replace")}
              name={name}
              height={mapHeight(places === "heads" ? data.heads.length : data.layers)}
            />
          )}
        </div>
        <div className="grid min-w-0 grid-cols-1 gap-5">
          <InterventionPanel
            input={input}
            own={{ text: view.values.text, want: view.values.want }}
            onOwn={(own) => view.set(own, "replace")}
            layers={data.layers}
            headsPerLayer={data.headsPerLayer}
            usual={[strongest, ...(headline === null ? [] : [`MLP${headline}`])]}
            intercepts={intercepts}
            headline={headline}
            text={view.values.edit}
            onText={(edit) => view.set({ edit }, "replace")}
          />
          {shown && (
            <PatternFigure
              of={input}
              data={shown}
              weighting={weighting}
              name={`${name}-${label}`}
              height={280}
            />
          )}
        </div>
      </div>
    </div>
  );
}

/** The chosen heads, and movers beside a lone one; null leaves it to the server. */
function flowHeads(chosen: readonly string[], { movers }: ArgumentPassing) {
  if (chosen.length === 0) return null;
  const labels = chosen.length > 1 ? chosen : [...new Set([...chosen, ...movers])].slice(0, MOST_BESIDE);
  return labels.slice(0, MOST_HEADS).flatMap((label) => parseHead(label) ?? []);
}
