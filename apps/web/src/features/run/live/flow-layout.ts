import type { LiveFlow } from "./queries.ts";

type Edge = LiveFlow["edges"][number];

export interface FlowNode {
  id: string;
  label: string;
  x: number;
  y: number;
  width: number;
  height: number;
  kind: "subject" | "head" | "mlp" | "answer";
}
export interface FlowRibbon {
  edge: Edge;
  path: string;
  thickness: number;
  /** Where its number stands. */
  at: { x: number; y: number };
}
export interface FlowLayout {
  nodes: FlowNode[];
  ribbons: FlowRibbon[];
  /** MLPs that pass too little to be drawn. */
  left: string[];
  width: number;
  height: number;
}

/** Least |effect| of an MLP that is drawn, as part of the largest of all. */
export const LEAST_SHARE = 0.02;
const THICKEST = 26;
const THINNEST = 1.25;
const BOX = { width: 76, height: 34 };
const END = 92;
const TOP = 8;

/**
 * Subject left, answer right, each as tall as all that lies between; heads in the upper rows, whose own writing runs straight to the answer, MLPs in
 * the lower rows, which the heads reach by curves.
 */
export function flowLayout(flow: Pick<LiveFlow, "heads" | "edges">, width: number): FlowLayout {
  const size = Math.max(...flow.edges.map(({ effect }) => Math.abs(effect)), 1e-9);
  const matters = ({ effect }: Edge) => Math.abs(effect) >= LEAST_SHARE * size;
  const mlps = [...new Set(flow.edges.flatMap((edge) => (edge.kind === "HEAD_TO_MLP" ? [edge.to] : [])))];
  const drawn = mlps.filter((label) =>
    flow.edges.some((edge) => (edge.from === label || edge.to === label) && matters(edge)),
  );
  const [headRow, mlpRow] = [62, 58];
  const headsHeight = flow.heads.length * headRow;
  const height = TOP + headsHeight + drawn.length * mlpRow + 4;
  const headX = END + Math.max(70, (width - 2 * END - 2 * BOX.width) * 0.3);
  const mlpX = Math.max(headX + BOX.width + 60, width - END - BOX.width - Math.max(70, width * 0.16));
  const tall = height - TOP - 4;
  const nodes: FlowNode[] = [
    { id: "subject", label: "subject", kind: "subject", x: 1, y: TOP, width: END, height: headsHeight - 8 },
    ...flow.heads.map(
      ({ label }, i): FlowNode => ({
        id: label,
        label,
        kind: "head",
        x: headX,
        y: TOP + i * headRow + (headRow - 8 - BOX.height) / 2,
        ...BOX,
      }),
    ),
    ...drawn.map(
      (label, i): FlowNode => ({
        id: label,
        label,
        kind: "mlp",
        x: mlpX,
        y: TOP + headsHeight + i * mlpRow + (mlpRow - BOX.height) / 2,
        ...BOX,
      }),
    ),
    { id: "answer", label: "answer", kind: "answer", x: width - END - 1, y: TOP, width: END, height: tall },
  ];
  const node = (id: string) => nodes.find((own) => own.id === id);
  const thickness = ({ effect }: Edge) => Math.max(THINNEST, THICKEST * (Math.abs(effect) / size));
  const middle = ({ y, height: own }: FlowNode) => y + own / 2;

  // Ribbons that leave or reach one box stand under each other, in the order of what they lead to.
  const stacked = (edges: readonly Edge[], centre: number) => {
    const total = edges.reduce((sum, edge) => sum + thickness(edge), 0) + 2 * Math.max(0, edges.length - 1);
    let y = centre - total / 2;
    return new Map(
      edges.map((edge) => {
        const at = y + thickness(edge) / 2;
        y += thickness(edge) + 2;
        return [edge, at] as const;
      }),
    );
  };
  const shown = flow.edges.filter(({ from, to }) => node(from) && node(to));
  const leaving = new Map<Edge, number>();
  const arriving = new Map<Edge, number>();
  for (const { id, kind, ...place } of nodes) {
    const out = shown.filter(({ from }) => from === id);
    const into = shown.filter(({ to }) => to === id);
    const centre = middle({ id, kind, ...place });
    if (kind === "subject" || kind === "answer") continue;
    // The straight one to the answer comes first, as MLPs lie below.
    const ordered = [...out.filter(({ to }) => to === "answer"), ...out.filter(({ to }) => to !== "answer")];
    for (const [edge, y] of stacked(ordered, centre)) leaving.set(edge, y);
    for (const [edge, y] of stacked(into, centre)) arriving.set(edge, y);
  }
  const ribbons = shown.map((edge): FlowRibbon => {
    const [from, to] = [node(edge.from)!, node(edge.to)!];
    const start = { x: from.x + from.width, y: leaving.get(edge) ?? arriving.get(edge)! };
    const end = { x: to.x, y: arriving.get(edge) ?? start.y };
    const bend = Math.max(24, (end.x - start.x) * 0.5);
    const curve = `M${start.x} ${start.y} C${start.x + bend} ${start.y} ${end.x - bend} ${end.y} ${end.x} ${end.y}`;
    // Numbers on curves that run together stand one after the other.
    const place = flow.heads.findIndex(({ label }) => label === edge.from) / flow.heads.length;
    const near =
      edge.kind === "HEAD_TO_MLP" ? 0.5 + 0.36 * place : edge.kind === "HEAD_TO_ANSWER" ? 0.86 : 0.5;
    return {
      edge,
      path: curve,
      thickness: thickness(edge),
      at: pointOn([start.x, start.x + bend, end.x - bend, end.x], [start.y, start.y, end.y, end.y], near),
    };
  });
  // Thin ones on top of thick ones, so that none is hidden.
  ribbons.sort((a, b) => b.thickness - a.thickness);
  return { nodes, ribbons, left: mlps.filter((label) => !drawn.includes(label)), width, height };
}

/** The point of a cubic curve at `t`. */
function pointOn(xs: readonly number[], ys: readonly number[], t: number) {
  const s = 1 - t;
  const weights = [s ** 3, 3 * s * s * t, 3 * s * t * t, t ** 3];
  const at = (values: readonly number[]) => values.reduce((sum, value, i) => sum + value * weights[i]!, 0);
  return { x: at(xs), y: at(ys) };
}
