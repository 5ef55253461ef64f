import { beforeAll, expect, it } from "vitest";
import {
  ATTENTION,
  COMPARED,
  EXTENT,
  effectOf,
  FLOW,
  HEADS,
  LAYERS,
  MATCHING,
  SUBJECT,
  TOKENS,
} from "./charts/closed-form.ts";
import { drawGallery } from "./charts/drawings.ts";
import { describeDashboard } from "./support/dashboard.ts";

/** Drawings are committed; after a wanted change: `npx vitest run --project browser charts -u`, and look at the differences. */
describeDashboard("the charts", (dashboard) => {
  let drawings: Record<string, string>;
  beforeAll(async () => {
    drawings = await drawGallery(await dashboard.newPage());
  });

  it("draw what they drew before", async () => {
    expect(Object.keys(drawings).length).toBeGreaterThan(0);
    for (const [name, drawing] of Object.entries(drawings))
      await expect(drawing).toMatchFileSnapshot(`charts/drawings/${name}.svg`);
  });

  it("put layers on y, heads on x and each value where it belongs", () => {
    const cells = cellsOf(drawings["heat-map-diverging"]!);
    expect(cells).toHaveLength(LAYERS * HEADS);
    for (const cell of cells) {
      const right = cells.filter(({ layer, head }) => layer === cell.layer && head > cell.head);
      const below = cells.filter(({ layer, head }) => layer > cell.layer && head === cell.head);
      expect(
        right.every(({ x, y }) => x > cell.x && y === cell.y),
        cell.label,
      ).toBe(true);
      expect(
        below.every(({ x, y }) => x === cell.x && y > cell.y),
        cell.label,
      ).toBe(true);
    }
  });

  it("colour negative red and positive blue on a symmetric range, and hatch what was not observed", () => {
    for (const name of ["heat-map-diverging", "heat-map-diverging-dark"]) {
      const cells = cellsOf(drawings[name]!);
      const fill = (value: number) =>
        cells.find(({ layer, head }) => effectOf(layer, head) === value)?.fill ?? "none";
      for (const { layer, head, fill } of cells) {
        const value = effectOf(layer, head);
        if (value === null) expect(fill).toMatch(/^url\(#/);
        else if (Math.abs(value) > 0.15)
          expect(isBlue(fill), `${name} L${layer}H${head} ${fill}`).toBe(value > 0);
      }
      const { red, blue } = channels(fill(0));
      expect(Math.abs(red - blue), `0 in ${name} is neutral`).toBeLessThan(24);
      expect(fill(EXTENT)).not.toBe(fill(-0.5));
    }
  });

  it("draw bars to the side of their sign, and say what was not observed", () => {
    const bars = [
      ...drawings["estimate-bars"]!.matchAll(
        /<rect x="([\d.]+)"[^>]* width="([\d.]+)"[^>]* fill="var\((--bar-\w+)\)"/g,
      ),
    ];
    expect(bars.map(([, , , color]) => color)).toEqual(["--bar-positive", "--bar-negative"]);
    const [positive, negative] = bars.map(([, x, width]) => ({
      from: Number(x),
      to: Number(x) + Number(width),
    }));
    expect(negative!.to).toBeCloseTo(positive!.from, 0);
    expect((positive!.to - positive!.from) / (negative!.to - negative!.from)).toBeCloseTo(2, 1);
    expect(drawings["estimate-bars"]).toContain("not observed");
  });

  it("draw attention as thick as it is, from the last token to those it looks at", () => {
    const arcs = [...drawings["token-arcs"]!.matchAll(/<path[^>]* stroke-width="([\d.]+)"/g)].map(
      ([, width]) => Number(width),
    );
    expect(arcs).toHaveLength(TOKENS.length);
    const byShare = [...ATTENTION.keys()].sort((a, b) => ATTENTION[a]! - ATTENTION[b]!);
    expect(byShare.map((place) => arcs[place])).toEqual(arcs.toSorted((a, b) => a - b));
    expect(arcs[SUBJECT]! / Math.max(...arcs.filter((_, i) => ATTENTION[i] === 0.25))).toBeCloseTo(2, 1);
  });

  it("draw the way of a fact in ribbons as thick as what they carry, and in the colour of their sign", () => {
    const ribbons = new Map(
      [...drawings.flow!.matchAll(/<path[^>]*>/g)].flatMap(([path]) => {
        const edge = /data-edge="([^"]+)"/.exec(path)?.[1];
        return edge
          ? [[edge, { width: Number(/stroke-width="([\d.]+)"/.exec(path)![1]), path }] as const]
          : [];
      }),
    );
    expect(ribbons.size).toBe(FLOW.edges.length);
    const widthOf = (edge: string) => ribbons.get(edge)!.width;
    expect(widthOf("subject-L1H0") / widthOf("L1H0-answer")).toBeCloseTo(2, 1);
    for (const { from, to, share } of FLOW.edges)
      expect(ribbons.get(`${from}-${to}`)!.path).toContain(share! < 0 ? "--bar-negative" : "--bar-positive");
  });

  it("put a model that is right as often as it is sure on the diagonal, and one that is held back above it", () => {
    const dots = [...drawings.reliability!.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(
      ([, x, y]) => ({
        x: Number(x),
        y: Number(y),
      }),
    );
    const [sure, held] = [dots.slice(0, 5), dots.slice(5)];
    expect(held.map(({ x }) => x)).toEqual(sure.map(({ x }) => x));
    const slope = (sure[4]!.y - sure[0]!.y) / (sure[4]!.x - sure[0]!.x);
    for (const { x, y } of sure)
      expect(Math.abs(y - sure[0]!.y - slope * (x - sure[0]!.x))).toBeLessThan(0.2);
    // A quarter of the height that the five dots and the fifth that they leave span; the last one is at 100 %.
    const quarter = (0.25 / 0.8) * (sure[0]!.y - sure[4]!.y);
    for (const i of [0, 1, 2, 3]) expect(Math.abs(sure[i]!.y - held[i]!.y - quarter)).toBeLessThan(0.2);
  });

  it("draw the maps of compared runs on one scale", () => {
    const [first, second, third] = ["", "-2", "-3"].map((at) => cellsOf(drawings[`compare-head-maps${at}`]!));
    const fillOf = (cells: ReturnType<typeof cellsOf>, effect: number, share: number) =>
      cells.find(({ layer, head }) => (effectOf(layer, head) ?? Number.NaN) * share === effect)!.fill;
    expect(first).toHaveLength(LAYERS * HEADS);
    for (const half of [second!, third!]) {
      for (const effect of [0.3, 0.2, 0, -0.1, -0.2])
        expect(fillOf(half, effect, 0.5)).toBe(fillOf(first!, effect, 1));
      expect(half[0]!.fill).not.toBe(first![0]!.fill);
    }
  });

  it("join the heads that are matched, movers in bold", () => {
    const drawing = drawings["compare-matching"]!;
    const dots = [...drawing.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => `${x},${y}`);
    expect(dots).toHaveLength(2 * LAYERS * HEADS);
    const bold = /stroke="var\(--answer\)"[\s\S]*/.exec(drawing)![0].split("</g>")[0]!;
    const lines = (markup: string) =>
      [...markup.matchAll(/<path d="M([\d.]+,[\d.]+)L([\d.]+,[\d.]+)"/g)].map(([, from, to]) => [from, to]);
    const all = lines(drawing);
    // The mover is L0H0 in both runs, which is matched with L0H1 and by L0H3.
    expect(lines(bold)).toHaveLength(2);
    expect(all).toHaveLength(MATCHING.pairs.length);
    for (const { baseline, run } of MATCHING.pairs) {
      const [from, to] = [baseline, run].map((label) => Number(label.at(-1)));
      expect(all).toContainEqual([dots[from!], dots[LAYERS * HEADS + to!]]);
    }
  });

  it("fill what two runs share by how much it is, and leave what is not compared grey", () => {
    const cells = [
      ...drawings["compare-overlap"]!.matchAll(/<rect [^>]*fill="([^"]+)"[^>]*data-tip="([^"]+)"/g),
    ];
    expect(cells).toHaveLength(COMPARED.length ** 2);
    expect(
      cells.filter(([, fill]) => fill === "var(--series-1)").map(([, , tip]) => tip!.split("\n")[0]),
    ).toEqual(["first, capitals and first, currencies"]);
  });

  it("let a larger share be darker", () => {
    const light = cellsOf(drawings["heat-map-sequential"]!).map(({ fill }) => {
      const { red, green, blue } = channels(fill);
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    });
    expect(light).toEqual([...light].sort((a, b) => b - a));
  });
});

function cellsOf(svg: string) {
  const shapes = [...svg.matchAll(/<path fill="([^"]+)" d="([^"]+)"/g)].flatMap(([, fill, path]) =>
    [...path!.matchAll(/M([\d.]+) ([\d.]+)h/g)].map(([, x, y]) => ({
      fill: fill!,
      x: Number(x),
      y: Number(y),
    })),
  );
  return [...svg.matchAll(/<rect role="gridcell"[^>]*>/g)].map(([tag]) => {
    const read = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
    const [, layer, head] = /^L(\d+)H(\d+)$/.exec(read("data-label")) ?? [];
    const [x, y, width] = ["x", "y", "width"].map((name) =>
      Number(new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1]),
    );
    const drawn = shapes.filter((shape) => shape.y === y && shape.x >= x! && shape.x < x! + width!);
    return {
      label: read("data-label"),
      layer: Number(layer),
      head: Number(head),
      x: x!,
      y: y!,
      fill: drawn.map(({ fill }) => fill).join(" over "),
    };
  });
}

function channels(color: string): { red: number; green: number; blue: number } {
  const [red, green, blue] = (/^rgb\((\d+), (\d+), (\d+)\)$/.exec(color) ?? []).slice(1).map(Number);
  if (red === undefined || green === undefined || blue === undefined)
    throw new Error(`${color}: rgb(...) expected`);
  return { red, green, blue };
}

const isBlue = (color: string): boolean => {
  const { red, blue } = channels(color);
  return blue > red;
};
