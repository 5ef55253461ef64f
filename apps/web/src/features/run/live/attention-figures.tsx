"use client";
import { useMemo } from "react";
import { ColorLegend } from "@/charts/color-legend.tsx";
import { colorScale } from "@/charts/color-scale.ts";
import { Figure } from "@/charts/figure.tsx";
import { visibleToken } from "@/format/heads.ts";
import { formatNumber, formatValue } from "@/format/numbers.ts";
import { useWidth } from "@/state/use-size.ts";
import { ChoiceGroup } from "@/ui/choice-group.tsx";
import { useIsDark } from "@/ui/theme-provider.tsx";
import { LIVE_EXPLANATIONS } from "./explanations.ts";
import { attentionQuery, type PromptOfRun } from "./figure-queries.ts";
import type { LiveAttention } from "./queries.ts";
import { TokenArcs } from "./token-arcs.tsx";
import { TokenMatrix } from "./token-matrix.tsx";

export type Weighting = "weight" | "value";
const WEIGHTINGS = [
  { value: "weight", label: "Attention", tip: "The softmax weights themselves" },
  { value: "value", label: "Value-weighted", tip: "Weights times what the head writes from there" },
] as const;

interface Props {
  of: PromptOfRun;
  data: LiveAttention;
  weighting: Weighting;
  name: string;
}

const isSubject = ({ subjectStart, subjectEnd }: LiveAttention, position: number): boolean =>
  subjectStart !== null && subjectEnd !== null && position >= subjectStart && position < subjectEnd;

function valuesOf({ attention }: LiveAttention, weighting: Weighting) {
  const length = attention.tokens.length;
  const values = weighting === "weight" ? attention.pattern : attention.valueWeighted;
  return (row: number, column: number): number | null => values[row * length + column] ?? null;
}

function tipOf({ attention }: LiveAttention, row: number, column: number): string {
  const { tokens, pattern, valueWeighted, valueNorms, label } = attention;
  const at = row * tokens.length + column;
  const share = (value: number | null | undefined) =>
    value == null ? "not observed" : formatValue(value, "share");
  return [
    `${label}: ${visibleToken(tokens[row]!.text)} looks at ${visibleToken(tokens[column]!.text)}`,
    `positions\t${row} → ${column}`,
    `attention\t${share(pattern[at])}`,
    `value-weighted\t${share(valueWeighted[at])}`,
    `|v W_O|\t${formatNumber(valueNorms[column] ?? 0)}`,
  ].join("\n");
}

const tableOf = ({ attention }: LiveAttention, rows: readonly number[]) => {
  const { tokens, pattern, valueWeighted, valueNorms } = attention;
  return {
    columns: ["destination", "token", "source", "source token", "attention", "value-weighted", "|v W_O|"],
    rows: rows.flatMap((row) =>
      tokens.slice(0, row + 1).map((source, column) => {
        const at = row * tokens.length + column;
        return [
          row,
          visibleToken(tokens[row]!.text),
          column,
          visibleToken(source.text),
          pattern[at] ?? null,
          valueWeighted[at] ?? null,
          valueNorms[column] ?? null,
        ];
      }),
    ),
  };
};

/** The prompt with the head's attention from its last position drawn over the tokens. */
export function LastAttentionFigure({
  of,
  data,
  weighting,
  name,
  onWeighting,
}: Props & { onWeighting: (value: Weighting) => void }) {
  const { attention } = data;
  const { tokens, label, attentionToSubject, valueWeightedShare } = attention;
  const last = tokens.length - 1;
  const value = valuesOf(data, weighting);
  const about = LIVE_EXPLANATIONS.attention;
  return (
    <Figure
      about={about}
      title={`${label}: ${weighting === "weight" ? "attention" : "value-weighted attention"} from the last position`}
      name={`${name}-attention`}
      query={attentionQuery(of, attention)}
      table={() => tableOf(data, [last])}
      controls={
        <ChoiceGroup label="Weighting" value={weighting} choices={WEIGHTINGS} onChange={onWeighting} />
      }
      legend={
        attentionToSubject !== null && (
          <p className="text-sm text-ink-2">
            On the subject{" "}
            <strong className="text-subject">{formatValue(attentionToSubject, "share")}</strong>
            {valueWeightedShare !== null && (
              <>
                , value-weighted{" "}
                <strong className="text-subject">{formatValue(valueWeightedShare, "share")}</strong>
              </>
            )}
          </p>
        )
      }
    >
      <TokenArcs
        label={`${label} from the last position`}
        tokens={tokens.map(({ text }, position) => ({
          token: text,
          subject: isSubject(data, position),
          share: value(last, position),
          tip: tipOf(data, last, position),
        }))}
      />
    </Figure>
  );
}

/** The head's whole pattern: destination in rows, source in columns. */
export function PatternFigure({ of, data, weighting, name, height }: Props & { height: number }) {
  const dark = useIsDark();
  const [frame, width] = useWidth<HTMLDivElement>();
  const { attention } = data;
  const { tokens, label } = attention;
  const scale = useMemo(() => colorScale("sequential", 1, dark), [dark]);
  const value = valuesOf(data, weighting);
  return (
    <Figure
      about={LIVE_EXPLANATIONS.matrix}
      title={`${label}: whole pattern`}
      name={`${name}-pattern`}
      query={attentionQuery(of, attention)}
      table={() =>
        tableOf(
          data,
          tokens.map((_, row) => row),
        )
      }
      legend={<ColorLegend scale={scale} unit="share" />}
    >
      <div ref={frame} className="overflow-x-auto" style={{ minHeight: height }}>
        {width && (
          <TokenMatrix
            label={`${label}: attention, destination by source`}
            rows={tokens.map(({ text }, position) => ({
              label: visibleToken(text),
              subject: isSubject(data, position),
            }))}
            columns={tokens.map(({ text }, position) => ({
              token: text,
              subject: isSubject(data, position),
            }))}
            cell={(row, column) =>
              column > row
                ? null
                : {
                    value: value(row, column),
                    tip: tipOf(data, row, column),
                    name: `${tokens[row]!.text} to ${tokens[column]!.text}: ${
                      value(row, column) === null ? "not observed" : formatValue(value(row, column)!, "share")
                    }`,
                  }
            }
            scale={scale}
            print={(share) => String(Math.round(share * 100))}
            room={{ width, height }}
          />
        )}
      </div>
    </Figure>
  );
}
