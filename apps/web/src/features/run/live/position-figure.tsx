"use client";
import { useMemo } from "react";
import { useQuery } from "urql";
import { ColorLegend } from "@/charts/color-legend.tsx";
import { colorScale, largest } from "@/charts/color-scale.ts";
import { Figure } from "@/charts/figure.tsx";
import { visibleToken } from "@/format/heads.ts";
import { formatNumber, formatSigned } from "@/format/numbers.ts";
import { useSelection } from "@/state/selection.tsx";
import { useWidth } from "@/state/use-size.ts";
import { ChoiceGroup } from "@/ui/choice-group.tsx";
import { QueryView } from "@/ui/query-view.tsx";
import { EmptyState, Skeleton } from "@/ui/states.tsx";
import { useIsDark } from "@/ui/theme-provider.tsx";
import { LIVE_EXPLANATIONS } from "./explanations.ts";
import { positionsQuery } from "./figure-queries.ts";
import { LiveHeadsQuery, type LivePatching, LivePatchingQuery } from "./queries.ts";
import { TokenMatrix } from "./token-matrix.tsx";

export const PLACES = ["heads", "resid_pre", "attn_out", "mlp_out"] as const;
export type Places = (typeof PLACES)[number];
const CHOICES = [
  { value: "heads", label: "Heads", tip: "Each head's z at each position" },
  { value: "resid_pre", label: "Stream", tip: "The residual stream before each layer" },
  { value: "attn_out", label: "Attention out", tip: "What each layer's attention writes" },
  { value: "mlp_out", label: "MLP out", tip: "What each layer's MLP writes" },
] as const;

/** More places than these would keep the reader waiting: the heads that do most at the last position are shown then. */
const MANY_PLACES = 800;
const STRONGEST = 12;

interface Props {
  input: { run: string; prompt: number; client: string };
  layers: number;
  headsPerLayer: number;
  tokens: readonly string[];
  subject: readonly [number, number];
  places: Places;
  onPlaces: (places: Places) => void;
  name: string;
  height: number;
}

/** What each head or layer carries of the answer at each position of one prompt. */
export function PositionFigure(props: Props) {
  const { input, layers, headsPerLayer, tokens, places } = props;
  const count = layers * headsPerLayer;
  const some = places === "heads" && count * tokens.length > MANY_PLACES;
  const [ranked, retryRanked] = useQuery({ query: LiveHeadsQuery, variables: { input }, pause: !some });
  const effects = ranked.data?.livePrompt.patching.rows;
  const heads = useMemo(
    () =>
      some && effects
        ? effects
            .toSorted((a, b) => Math.abs(b.effect?.[0] ?? 0) - Math.abs(a.effect?.[0] ?? 0))
            .slice(0, STRONGEST)
            .sort((a, b) => a.layer - b.layer || a.head! - b.head!)
            .map(({ layer, head }) => ({ layer, head: head! }))
        : null,
    [some, effects],
  );
  const over = places === "heads" ? "HEADS_POSITIONS" : "LAYERS_POSITIONS";
  const [state, retry] = useQuery({
    query: LivePatchingQuery,
    variables: {
      input,
      over,
      heads,
    },
    pause: some && !heads,
  });
  const failed = some && ranked.error ? ranked : state;
  const about = LIVE_EXPLANATIONS.positions;
  const skeleton = <Skeleton style={{ height: props.height }} />;
  const rows = (data: LivePatching) =>
    places === "heads" ? data.rows : data.rows.filter(({ point }) => point === `hook_${places}`);
  const patching = state.data?.livePrompt.patching;
  const scale = useScale(patching ? rows(patching) : []);
  return (
    <Figure
      about={about}
      name={`${props.name}-${places}-by-position`}
      query={positionsQuery(input, over, heads)}
      caption={some ? `The ${STRONGEST} of ${count} heads that carry most at the last position.` : undefined}
      table={() => tableOf(patching && rows(patching), tokens)}
      controls={<ChoiceGroup label="Places" value={places} choices={CHOICES} onChange={props.onPlaces} />}
      legend={<ColorLegend scale={scale} unit="effect" />}
    >
      <QueryView
        state={{ ...failed, data: patching && failed === state ? state.data : undefined, fetching: true }}
        retry={(options) => {
          if (some && ranked.error) retryRanked(options);
          retry(options);
        }}
        pick={(data) => data.livePrompt.patching}
        skeleton={skeleton}
        missing={skeleton}
      >
        {(data) =>
          data.reason !== null ? (
            <EmptyState title="No normalised effects for this prompt">{data.reason}</EmptyState>
          ) : (
            <Matrix {...props} data={data} rows={rows(data)} scale={scale} />
          )
        }
      </QueryView>
    </Figure>
  );
}

function useScale(rows: LivePatching["rows"]) {
  const dark = useIsDark();
  return useMemo(
    () => colorScale("diverging", largest(rows.flatMap(({ effect }) => effect ?? [])), dark),
    [rows, dark],
  );
}

function Matrix({
  data,
  rows,
  scale,
  tokens,
  subject,
  height,
}: Props & { data: LivePatching; rows: LivePatching["rows"]; scale: ReturnType<typeof colorScale> }) {
  const { select, selected } = useSelection();
  const [frame, width] = useWidth<HTMLDivElement>();
  return (
    <div ref={frame} className="overflow-x-auto" style={{ minHeight: height }}>
      {width && (
        <TokenMatrix
          label="Patching effect, by place and position"
          rows={rows.map(({ label, head, layer }) => ({
            label: head === null ? String(layer) : label,
            mark: head === null ? undefined : label,
            subject: label === selected,
          }))}
          columns={tokens.map((token, position) => ({
            token,
            subject: position >= subject[0] && position < subject[1],
          }))}
          cell={(row, column) => {
            const own = rows[row]!;
            const value = own.effect?.[column] ?? null;
            const number = (values: readonly number[] | null) =>
              values ? formatSigned(values[column]!, "effect") : "not observed";
            return {
              value,
              name: `${own.label} at ${tokens[column]}: ${number(own.effect)}`,
              tip: [
                `${own.label} at ${visibleToken(tokens[column]!)}: effect`,
                `effect\t${number(own.effect)}`,
                `noising\t${number(own.noising)}`,
                `denoising\t${number(own.denoising)}`,
                `M of the noised run\t${formatNumber(own.noisingLogits[column]!)} logits`,
                `M clean, corrupted\t${formatNumber(data.clean)}, ${formatNumber(data.corrupted)}`,
                "one prompt\tn = 1, no interval",
              ].join("\n"),
            };
          }}
          scale={scale}
          print={(effect) =>
            effect
              .toFixed(2)
              .replace(/^-0\.00$/, "0.00")
              .replace("-", "−")
          }
          room={{ width, height }}
          onSelect={(mark) => select(mark)}
        />
      )}
    </div>
  );
}

const tableOf = (rows: LivePatching["rows"] | undefined, tokens: readonly string[]) => ({
  columns: ["place", "layer", "position", "token", "effect", "noising", "denoising"],
  rows: (rows ?? []).flatMap(({ label, layer, effect, noising, denoising }) =>
    tokens.map((token, position) => [
      label,
      layer,
      position,
      visibleToken(token),
      effect?.[position] ?? null,
      noising?.[position] ?? null,
      denoising?.[position] ?? null,
    ]),
  ),
});
