import type { Algorithm } from "../flops.ts";
import type { Head, Job } from "../job.ts";
import {
  factPairs,
  firstPairs,
  type Pairs,
  promptsWithPrefix,
  randomPairs,
  SUBJECT,
} from "../model/pairs.ts";
import type { SideName } from "../runner/sides.ts";
import { growthRows } from "./growth.ts";
import type { Entry, Row } from "./row.ts";
import { headsBelow, onePerLayer, type Setting } from "./setting.ts";

/** How each peer goes about loops over cells; bare modules skip what is frozen. */
const LOOPS: readonly [SideName, Algorithm][] = [
  ["tl3", "forward-all-logits"],
  ["tl4", "forward"],
  ["nnsight", "forward"],
  ["tl3-resume", "resume"],
  ["transformers", "forward"],
  ["torch-resume", "resume-skip-frozen"],
  ["torch-rows", "rows"],
];
/** Those that a loop's other rows are worth repeating with: the fastest ones of each kind. */
const FAST: readonly SideName[] = ["nnsight", "tl3-resume", "transformers", "torch-resume"];

/** Every row of the report, the one whose memory counts first: a peer's process is fresh then. */
export function rows(setting: Setting): Row[] {
  return [
    ...headSweeps(setting),
    ...positionSweeps(setting),
    ...paths(setting),
    ...caches(setting),
    attribution(setting),
    decomposition(setting),
    ...prefixSharing(setting),
    ...growthRows(setting),
  ];
}

const ours = (job: Job, scale = 1, part?: string): Entry => ({
  side: "ours",
  job,
  algorithm: "rows",
  scale,
  ...(part && { part }),
});

type LoopJob = Extract<Job, { heads: Head[]; clean: number[][] }>;

/**
 * Peers run a part of their loops: one head of each layer, or of every second one where a pass is a whole forward whatever the layer.
 * `torch-rows` runs everything: its rows want company.
 */
function loops<J extends LoopJob>(
  whole: J,
  end: number,
  heads: number,
  names = LOOPS.map(([name]) => name),
): Entry[] {
  return LOOPS.filter(([name]) => names.includes(name)).map(([side, algorithm]): Entry => {
    if (side === "torch-rows") return { side, algorithm, job: whole, scale: 1 };
    const step = algorithm.startsWith("forward") ? 2 : 1;
    const job = { ...whole, heads: onePerLayer(end, heads, step) };
    const scale = whole.heads.length / job.heads.length;
    const part = `one head of ${step === 1 ? "each" : "every second"} layer, loop x ${rounded(scale)}`;
    return { side, algorithm, job, scale, part };
  });
}

const rounded = (value: number): string => String(Math.round(10 * value) / 10);

const pairsOf = ({ sizes: { pairs, length, shape } }: Setting) => ({
  random: randomPairs(pairs, length, shape.vocabulary),
  facts: factPairs(pairs, length, shape.vocabulary),
});

function sweepJob({ model, threads, sizes }: Setting, pairs: Pairs, positions: number[]) {
  const heads = headsBelow(sizes.shape.layers, sizes.shape.heads);
  return { kind: "head-sweep" as const, model, threads, heads, positions, ...pairs };
}

function headSweeps(setting: Setting): Row[] {
  const { sizes } = setting;
  const { layers, heads } = sizes.shape;
  const pairs = pairsOf(setting);
  const last = [sizes.length - 1];
  const size = `${layers * heads} heads x ${sizes.pairs} pairs x ${sizes.length} tokens`;
  const random = sweepJob(setting, pairs.random, last);
  const facts = sweepJob(setting, pairs.facts, last);
  return [
    {
      id: "head-sweep",
      title: "Activation patching of every head at the last position",
      what: `${size}, random pairs`,
      targets: [
        { kind: "times-faster", atLeast: 25 },
        { kind: "times-faster", atLeast: 34, than: "tl3" },
        { kind: "memory-mb", atMost: 1000 },
        { kind: "share-of-peak", atLeast: 0.75 },
      ],
      entries: [ours(random), ...loops(random, layers, heads)],
      whole: random,
    },
    {
      id: "head-sweep-facts",
      title: "Activation patching of every head at the last position, pairs like facts",
      what: `${size}, ${SUBJECT.count} of them differ`,
      targets: [],
      entries: [ours(facts), ...loops(facts, layers, heads, ["nnsight", "torch-resume", "torch-rows"])],
      whole: facts,
    },
  ];
}

function positionSweeps(setting: Setting): Row[] {
  const { sizes } = setting;
  const { layers, heads } = sizes.shape;
  const pairs = pairsOf(setting);
  const all = Array.from({ length: sizes.length }, (_, position) => position);
  const row = (kind: "random" | "facts", positions: number[]): Pick<Row, "entries" | "whole"> => {
    const whole = sweepJob(setting, pairs[kind], positions);
    const some = { ...whole, ...firstPairs(whole, sizes.positionPairs) };
    const scale = sizes.pairs / sizes.positionPairs;
    const theirs = sizes.peerPositions[kind];
    const peers = loops({ ...whole, positions: theirs }, layers, heads, [...FAST]).map((entry) => ({
      ...entry,
      scale: (entry.scale * positions.length) / theirs.length,
      part: `${theirs.length} of ${positions.length} positions, ${entry.part!.replace(/x .*/, `x ${rounded((entry.scale * positions.length) / theirs.length)}`)}`,
    }));
    return {
      entries: [ours(some, scale, `${sizes.positionPairs} of ${sizes.pairs} pairs`), ...peers],
      whole,
    };
  };
  const size = `${layers * heads} heads`;
  return [
    {
      id: "head-position-sweep",
      title: "Activation patching of every head at every position",
      what: `${size} x ${sizes.length} positions x ${sizes.pairs} pairs, random pairs`,
      targets: [{ kind: "times-faster", atLeast: 10 }],
      ...row("random", all),
    },
    {
      id: "head-position-sweep-facts",
      title: "Activation patching of every head from the subject on, pairs like facts",
      what: `${size} x ${sizes.length - SUBJECT.first} positions x ${sizes.pairs} pairs; before the subject a patch changes nothing`,
      targets: [],
      ...row("facts", all.slice(SUBJECT.first)),
    },
  ];
}

function paths(setting: Setting): Row[] {
  const { sizes, model, threads } = setting;
  const { layers, heads } = sizes.shape;
  const { random } = pairsOf(setting);
  const to = Math.floor((3 * layers) / 4);
  const common = { model, threads, ...random };
  const final = { kind: "path-final" as const, heads: headsBelow(layers, heads), ...common };
  const receivers = [1, Math.floor(heads / 2), heads - 1].map((head): Head => [to, head]);
  const queries = { kind: "path-queries" as const, heads: headsBelow(to, heads), receivers, ...common };
  const size = `${sizes.pairs} random pairs x ${sizes.length} tokens`;
  return [
    {
      id: "path-final",
      title: "Path patching to the final residual, attention frozen",
      what: `${layers * heads} senders, ${size}, MLPs recomputed`,
      targets: [{ kind: "times-faster", atLeast: 40 }],
      entries: [ours(final), ...loops(final, layers, heads)],
      whole: final,
    },
    {
      id: "path-queries",
      title: "Path patching to the queries of three heads",
      what: `${to * heads} senders to layer ${to}, ${size}, MLPs recomputed`,
      targets: [{ kind: "times-faster", atLeast: 50 }],
      entries: [ours(queries), ...loops(queries, to, heads)],
      whole: queries,
    },
  ];
}

function caches({ sizes, model, threads }: Setting): Row[] {
  const { prompts, length, shared, shape } = sizes;
  const job = (tokens: number, groups: number): Job => ({
    kind: "cache",
    model,
    threads,
    prompts: promptsWithPrefix(prompts, length, tokens, groups, shape.vocabulary),
    compared: Math.min(prompts, 16),
  });
  const entries = (whole: Job): Entry[] => [
    ours(whole),
    { side: "tl3", algorithm: "forward-all-logits", job: whole, scale: 1 },
    { side: "tl4", algorithm: "forward", job: whole, scale: 1 },
    { side: "nnsight", algorithm: "forward", job: whole, scale: 1 },
    { side: "transformers", algorithm: "forward", job: whole, scale: 1 },
  ];
  const distinct = job(0, 1);
  const common = job(shared.tokens, shared.groups);
  return [
    {
      id: "cache",
      title: "Forward that keeps every head's contribution, residuals and MLP outputs at the last position",
      what: `${prompts} x ${length} tokens`,
      targets: [{ kind: "times-faster", atLeast: 1.6 }],
      entries: entries(distinct),
      whole: distinct,
    },
    {
      id: "cache-shared",
      title: "That forward of prompts that begin alike",
      what: `${prompts} x ${length} tokens, ${shared.tokens} of them from one of ${shared.groups} beginnings`,
      targets: [{ kind: "times-faster", atLeast: 2.5 }],
      entries: entries(common),
      whole: common,
    },
  ];
}

function attribution(setting: Setting): Row {
  const { sizes, model, threads } = setting;
  const whole: Job = { kind: "attribution", model, threads, ...pairsOf(setting).random };
  const peers: readonly [SideName, Algorithm][] = [
    ["tl3", "forward-all-logits"],
    ["tl4", "forward"],
    ["transformers", "forward"],
  ];
  return {
    id: "attribution",
    title: "Attribution patching of every head at every position",
    what: `${sizes.pairs} random pairs x ${sizes.length} tokens`,
    targets: [{ kind: "times-faster", atLeast: 1.5 }],
    entries: [
      ours(whole),
      ...peers.map(([side, algorithm]): Entry => ({ side, algorithm, job: whole, scale: 1 })),
    ],
    whole,
  };
}

function decomposition({ sizes, model, threads, activations }: Setting): Row {
  const { layers, heads, width } = sizes.shape;
  const columns = layers * heads + 2 * layers;
  const whole: Job = {
    kind: "decomposition",
    model,
    threads,
    activations,
    prompts: sizes.prompts,
    columns,
    width,
    layers,
    heads,
  };
  return {
    id: "decomposition",
    title: "Decomposition of every MLP over all heads up to it, from captured activations",
    what: `Gram ${columns} x ${columns} over ${sizes.prompts} x ${width} rows, ${layers} solves`,
    targets: [{ kind: "times-faster", atLeast: 2 }],
    entries: [ours(whole), { side: "numpy", algorithm: "rows", job: whole, scale: 1 }],
    whole,
  };
}

function prefixSharing({ sizes, model, threads }: Setting): Row[] {
  const { prompts, prefix, own } = sizes.fewShot;
  const { vocabulary } = sizes.shape;
  const shared = promptsWithPrefix(prompts, prefix + own, prefix, 1, vocabulary);
  // Another first token for each prompt: the same work, and nothing to share.
  const apart = shared.map((tokens, i) => [i, ...tokens.slice(1)]);
  const row = (id: string, title: string, tokens: number[][], targets: Row["targets"]): Row => {
    const whole: Job = { kind: "prefix-sharing", model, threads, prompts: tokens, answer: 11, wrong: 12 };
    const what = `${prompts} prompts of ${prefix} + ${own} tokens, two logits each`;
    return { id, title, what, targets, entries: [ours(whole)], whole };
  };
  return [
    row("prefix-apart", "Prompts that share nothing, to compare with", apart, []),
    row("prefix-sharing", "Prompts with a few-shot prefix in common", shared, [
      { kind: "faster-than-row", atLeast: 5, row: "prefix-apart" },
    ]),
  ];
}
