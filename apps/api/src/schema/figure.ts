import { type Estimate, FIGURE_UNITS, type Figure, type ReliabilityBin } from "@recallscope/engine";
import { builder } from "./builder.ts";
import { EstimateType } from "./estimate.ts";

type Kind<K extends Figure["kind"]> = Extract<Figure, { kind: K }>;

type FigureUnitName = (typeof FIGURE_UNITS)[number];
const UNIT_WORDS: Record<FigureUnitName, string> = {
  probability: "Shares of prompts or probabilities, 0 to 1.",
  share: "Shares of a whole, 0 to 1.",
  logit: "Logits.",
  nats: "Nats of log-probability.",
  rank: "Ranks; 0 is the top.",
  effect: "Normalised effects: 0 is nothing, 1 the whole difference between two runs.",
  weight: "Regression weights and slopes.",
  r2: "Shares of variance explained; may be negative.",
  cosine: "Cosines and correlations, -1 to 1.",
  count: "Counts.",
};

export const FigureUnitType = builder.enumType("FigureUnit", {
  description: "What the numbers of a figure are.",
  values: Object.fromEntries(FIGURE_UNITS.map((unit) => [unit, { description: UNIT_WORDS[unit] }])) as Record<
    FigureUnitName,
    { description: string }
  >,
});

export const FigureType = builder.interfaceRef<Figure>("Figure").implement({
  description: "A picture as data: words, and numbers to draw.",
  fields: (t) => ({
    id: t.exposeString("id", { description: "Unique among the figures of its analysis." }),
    title: t.exposeString("title", { description: "Title." }),
    unit: t.expose("unit", { type: FigureUnitType, description: "What its numbers are." }),
    unitText: t.exposeString("unitText", { description: "The unit in words." }),
    meaning: t.exposeString("meaning", { description: "What is seen." }),
    formula: t.exposeString("formula", { description: "How it is computed." }),
    source: t.exposeString("source", { description: "Where the definition comes from." }),
  }),
  resolveType: ({ kind }) => `${kind.charAt(0)}${kind.slice(1).toLowerCase()}Figure`,
});

builder.objectRef<Kind<"HEADS">>("HeadsFigure").implement({
  description: "A number per head.",
  interfaces: [FigureType],
  fields: (t) => ({
    layers: t.exposeInt("layers", { description: "Layers." }),
    headsPerLayer: t.exposeInt("headsPerLayer", { description: "Heads of each layer." }),
    cells: t.field({
      type: [EstimateType],
      description: "Layer-major.",
      resolve: ({ cells }) => [...cells],
    }),
    marked: t.stringList({
      description: "Labels of heads that carry a mark.",
      resolve: ({ marked }) => [...marked],
    }),
  }),
});

interface Series {
  label: string;
  points: readonly Estimate[];
}
const FigureSeries = builder.objectRef<Series>("FigureSeries").implement({
  description: "One line of a figure.",
  fields: (t) => ({
    label: t.exposeString("label", { description: "Its name." }),
    points: t.field({
      type: [EstimateType],
      description: "One per tick.",
      resolve: ({ points }) => [...points],
    }),
  }),
});

builder.objectRef<Kind<"LINES">>("LinesFigure").implement({
  description: "Numbers along an axis, such as the layers.",
  interfaces: [FigureType],
  fields: (t) => ({
    axis: t.exposeString("axis", { description: "What the ticks are." }),
    ticks: t.stringList({ description: "Names of the places.", resolve: ({ ticks }) => [...ticks] }),
    series: t.field({
      type: [FigureSeries],
      description: "The lines.",
      resolve: ({ series }) => [...series],
    }),
  }),
});

/** Lists count tenfold by default, here in every figure of every analysis, whereas one figure of one analysis has up to seven curves of ten bins. */
const FEW = { field: 1, multiplier: 1 };

const FigureReliabilityBin = builder.objectRef<ReliabilityBin>("ReliabilityBin").implement({
  description: "Prompts whose top token has about the same probability.",
  fields: (t) => ({
    low: t.exposeFloat("low", { description: "Least probability of the top token." }),
    high: t.exposeFloat("high", { description: "Bound of that probability; the last bin holds it." }),
    prompts: t.exposeInt("prompts", { description: "Prompts in it." }),
    confidence: t.expose("confidence", {
      type: EstimateType,
      description: "Mean probability of their top tokens.",
    }),
    right: t.expose("right", {
      type: EstimateType,
      description: "Share of them whose top token is the answer.",
    }),
  }),
});

interface Curve {
  label: string;
  bins: readonly ReliabilityBin[];
}
const FigureCurve = builder.objectRef<Curve>("ReliabilityCurve").implement({
  description: "How often the top token is right, by how probable it is.",
  fields: (t) => ({
    label: t.exposeString("label", { description: "Of the model as it is, or after what." }),
    bins: t.field({
      type: [FigureReliabilityBin],
      description: "By rising probability.",
      complexity: FEW,
      resolve: ({ bins }) => [...bins],
    }),
  }),
});

builder.objectRef<Kind<"RELIABILITY">>("ReliabilityFigure").implement({
  description: "Reliability diagrams: shares right against probabilities; on the diagonal both are the same.",
  interfaces: [FigureType],
  fields: (t) => ({
    curves: t.field({
      type: [FigureCurve],
      description: "The first is what the others are compared with.",
      complexity: FEW,
      resolve: ({ curves }) => [...curves],
    }),
  }),
});

const FigureBar = builder.objectRef<{ label: string; estimate: Estimate }>("FigureBar").implement({
  description: "One bar of a figure.",
  fields: (t) => ({
    label: t.exposeString("label", { description: "Its name." }),
    estimate: t.expose("estimate", { type: EstimateType, description: "Its number." }),
  }),
});

builder.objectRef<Kind<"BARS">>("BarsFigure").implement({
  description: "Named numbers beside each other.",
  interfaces: [FigureType],
  fields: (t) => ({
    bars: t.field({ type: [FigureBar], description: "The bars.", resolve: ({ bars }) => [...bars] }),
  }),
});

const FigureNote = builder.objectRef<{ label: string; value: string }>("FigureNote").implement({
  description: "One finding in words.",
  fields: (t) => ({
    label: t.exposeString("label", { description: "What it is about." }),
    value: t.exposeString("value", { description: "What was found." }),
  }),
});

builder.objectRef<Kind<"NOTES">>("NotesFigure").implement({
  description: "Verdicts and single findings.",
  interfaces: [FigureType],
  fields: (t) => ({
    notes: t.field({ type: [FigureNote], description: "The findings.", resolve: ({ notes }) => [...notes] }),
  }),
});
