"use client";
import { visibleToken } from "@/format/heads.ts";
import { formatValue } from "@/format/numbers.ts";

export interface LookedAt {
  token: string;
  subject: boolean;
  /** 0 to 1; null where there is nothing to share out. */
  share: number | null;
  tip: string;
}

const CHARACTER = 8.45;
const PAD = 8;
const GAP = 6;
const BOX = 28;
/** Space above the tokens for the arcs. */
const SKY = 104;
/** Arcs below this share are as thin as a hair. */
const HAIR = 0.75;
const THICK = 15;

const widthOf = (text: string): number => Math.max(22, visibleToken(text).length * CHARACTER + 2 * PAD);

/** The tokens of a prompt with arcs from the last one to those that the head looks at: the thicker, the more. */
export function TokenArcs({ label, tokens }: { label: string; tokens: readonly LookedAt[] }) {
  let x = 4;
  const places = tokens.map(({ token }) => {
    const width = widthOf(token);
    const place = { x, width, middle: x + width / 2 };
    x += width + GAP;
    return place;
  });
  const last = places.at(-1)!;
  const width = x + 12;
  const baseline = SKY;
  return (
    <section
      className="overflow-x-auto pb-1"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
      aria-label={`${label}, token by token`}
    >
      <svg
        width={width}
        height={SKY + BOX + 24}
        data-export=""
        role="img"
        aria-label={`${label}: ${tokens
          .map(
            ({ token, share }) =>
              `${token.trim() || "blank"} ${share === null ? "–" : formatValue(share, "share")}`,
          )
          .join(", ")}`}
        className="mx-auto block overflow-visible"
      >
        <g fill="none" stroke="var(--subject)" strokeLinecap="round">
          {tokens.map(({ share, tip }, i) => (
            <path
              // biome-ignore lint/suspicious/noArrayIndexKey: a token's identity is its position
              key={i}
              d={arc(places[i]!.middle, last.middle, baseline)}
              strokeWidth={Math.max(HAIR, (share ?? 0) * THICK)}
              strokeOpacity={0.18 + 0.72 * (share ?? 0)}
              data-tip={tip}
            />
          ))}
        </g>
        {tokens.map(({ token, subject, share, tip }, i) => {
          const place = places[i]!;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a token's identity is its position
            <g key={i} data-tip={tip}>
              <rect
                x={place.x}
                y={baseline}
                width={place.width}
                height={BOX}
                rx={5}
                fill={subject ? "var(--subject-soft)" : "var(--sunken)"}
                stroke={i === tokens.length - 1 ? "var(--ink-3)" : "none"}
              />
              <text
                x={place.middle}
                y={baseline + BOX / 2}
                textAnchor="middle"
                dominantBaseline="central"
                fontFamily="var(--font-mono)"
                fontSize={14}
                fontWeight={subject ? 600 : 400}
                fill={subject ? "var(--subject)" : "var(--ink)"}
              >
                {visibleToken(token)}
              </text>
              <text
                x={place.middle}
                y={baseline + BOX + 15}
                textAnchor="middle"
                fontSize={11}
                fill={share !== null && share >= 0.1 ? "var(--ink)" : "var(--ink-3)"}
                fontWeight={share !== null && share >= 0.1 ? 600 : 400}
              >
                {share === null
                  ? "–"
                  : share >= 0.0995
                    ? `${Math.round(share * 100)} %`
                    : share >= 0.005
                      ? `${(share * 100).toFixed(0)} %`
                      : "0"}
              </text>
            </g>
          );
        })}
      </svg>
    </section>
  );
}

/** From the last token up and over to the one that is looked at; a small loop where it looks at itself. */
function arc(to: number, from: number, y: number): string {
  if (to === from)
    return `M${from - 5} ${y - 1} C${from - 26} ${y - 44} ${from + 26} ${y - 44} ${from + 5} ${y - 1}`;
  const height = Math.min(SKY - 14, 34 + Math.abs(from - to) * 0.24);
  return `M${from} ${y - 1} C${from} ${y - height * 1.3} ${to} ${y - height * 1.3} ${to} ${y - 1}`;
}
