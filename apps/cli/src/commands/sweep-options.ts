import {
  type HeadRef,
  type KeySpan,
  type Receiver,
  SCALED_POINTS,
  type ScaledPoint,
  STREAM_POINTS,
  type StreamPoint,
  SWEEP_KINDS,
  type SweepChoice,
  type SweepId,
  type SweepPosition,
} from "@recallscope/engine";

export const KINDS = [...SWEEP_KINDS, "attribution"] as const;

/** What the flags of the command hold once they are parsed; undefined where one was not given. */
export interface SweepFlags {
  over?: SweepId;
  kind?: (typeof KINDS)[number];
  position?: SweepPosition;
  logits?: boolean;
  hook?: string[];
  senders?: "heads" | "mlps";
  receivers?: Receiver[];
  mlps?: "recompute" | "freeze";
  heads?: HeadRef[] | "all";
  alphas?: number[];
  window?: number;
  keys?: KeySpan[];
  estimate?: boolean;
}

/** A wrong use of flags; the message is for the user. */
export class UsageError extends Error {}

/** Which sweeps a flag means something to. `--estimate` is for all of them. */
const APPLIES: { flag: keyof SweepFlags; to: readonly SweepId[] }[] = [
  { flag: "kind", to: ["heads", "heads-positions", "layers-positions", "paths", "head-pairs"] },
  { flag: "position", to: ["heads", "head-pairs", "alpha"] },
  { flag: "logits", to: ["heads"] },
  { flag: "hook", to: ["layers-positions", "alpha"] },
  { flag: "senders", to: ["paths"] },
  { flag: "receivers", to: ["paths"] },
  { flag: "mlps", to: ["paths"] },
  { flag: "heads", to: ["head-pairs"] },
  { flag: "alphas", to: ["alpha"] },
  { flag: "window", to: ["knockout"] },
  { flag: "keys", to: ["knockout"] },
];

/** The sweep that flags ask for. @throws UsageError for one that does not apply or is missing, with the way out */
export function choiceOf(flags: SweepFlags): SweepChoice {
  if (flags.kind === "attribution") return attribution(flags);
  const over = flags.over ?? "heads";
  for (const { flag, to } of APPLIES)
    if (flags[flag] !== undefined && !to.includes(over))
      throw new UsageError(
        `${dashed(flag)} does not apply to --over ${over} (it does to ${to.join(", ")}; leave it out)`,
      );
  if (over === "alpha") {
    const [hook = "attn.hook_z", ...more] = hooksOf(flags.hook ?? ["z"], SCALED_POINTS);
    if (more.length > 0)
      throw new UsageError("--hook takes one name with --over alpha (sweep each on its own)");
    return { over, hook, alphas: flags.alphas ?? USUAL_ALPHAS, position: flags.position ?? "all" };
  }
  if (over === "knockout")
    return {
      over,
      ...(flags.window !== undefined && { window: flags.window }),
      ...(flags.keys && { spans: flags.keys }),
    };
  const { kind } = flags;
  if (kind === undefined)
    throw new UsageError(`--kind is needed with --over ${over} (allowed: ${allowedKinds(over).join(", ")})`);
  switch (over) {
    case "heads":
      return { over, kind, position: positionOf(flags), ...(flags.logits && { fullLogits: true }) };
    case "heads-positions":
      return { over, kind };
    case "layers-positions":
      return {
        over,
        kind,
        hooks: hooksOf(flags.hook ?? ["resid_pre", "attn_out", "mlp_out"], STREAM_POINTS),
      };
    case "head-pairs":
      if (!flags.heads)
        throw new UsageError(
          "--heads is needed with --over head-pairs (allowed: all, or heads such as L9H8,L10H0)",
        );
      return { over, kind, pairs: { among: flags.heads }, position: positionOf(flags) };
    case "paths":
      return {
        over,
        kind,
        senders: flags.senders ?? "heads",
        receivers: flags.receivers ?? [{ kind: "final" }],
        mlps: flags.mlps === "freeze" ? "FREEZE" : "RECOMPUTE",
      };
  }
}

/** What `--position` says of a kind that takes all of them: nothing. Numbers are refused; `last` was once asked for by every call. */
export const idlePosition = ({ kind, position }: SweepFlags): boolean =>
  kind === "zero" && position === "last";

const USUAL_ALPHAS = [0, 0.5, 1, 1.5, 2];

const allowedKinds = (over: SweepId) => (over === "heads" ? KINDS : SWEEP_KINDS);

function attribution(flags: SweepFlags): SweepChoice {
  const given = (["over", ...APPLIES.map(({ flag }) => flag), "estimate"] as const).find(
    (flag) => flag !== "kind" && flags[flag] !== undefined,
  );
  if (given)
    throw new UsageError(
      `${dashed(given)} does not apply to --kind attribution (one gradient takes every head, MLP and position at once; leave it out)`,
    );
  return { over: "attribution" };
}

function positionOf({ kind, position }: SweepFlags): SweepPosition {
  if (kind !== "zero") return position ?? "last";
  if (typeof position === "number")
    throw new UsageError(
      `--position does not apply to --kind zero (it takes all positions; --over alpha --alphas 0 --position ${position} scales one)`,
    );
  return "all";
}

/** Hooks by their name, or without what all of them begin with: `z`, `mlp_out`. */
function hooksOf<Point extends StreamPoint | ScaledPoint>(
  names: readonly string[],
  allowed: readonly Point[],
): Point[] {
  return names.map((name) => {
    const found = allowed.find((point) => point === name || shortName(point) === name);
    if (!found) throw new UsageError(`--hook ${name} is none of ${allowed.map(shortName).join(", ")}`);
    return found;
  });
}

const shortName = (point: string): string => point.replace(/^(?:attn\.)?hook_/, "");

const dashed = (flag: string): string =>
  `--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
