import { readFileSync } from "node:fs";
import { buildSchema, parse, validate } from "graphql";
import { describe, expect, it } from "vitest";
import {
  interventionInput,
  readEdits,
  withoutPart,
  withPart,
  writeEdits,
} from "../src/features/run/live/edits.ts";
import { attentionQuery, flowQuery, positionsQuery } from "../src/features/run/live/figure-queries.ts";
import { flowLayout } from "../src/features/run/live/flow-layout.ts";
import { ownInput } from "../src/features/run/live/own-input.ts";

describe("what is changed in the model, in the address", () => {
  it("is read and written, bounded, each part once", () => {
    const edits = readEdits("L5H0:0.5,MLP3:2,b4:-1.25");
    expect(edits).toEqual({
      parts: [
        { label: "L5H0", layer: 5, head: 0, scale: 0.5 },
        { label: "MLP3", layer: 3, head: null, scale: 2 },
      ],
      intercept: { layer: 4, alpha: -1.25 },
    });
    expect(writeEdits(edits)).toBe("L5H0:0.5,MLP3:2,b4:-1.25");
    expect(writeEdits(readEdits("L1H1:9,L1H1:0,nonsense,MLP0:,MLP2:x,b1:99"))).toBe("L1H1:2,b1:4");
    expect(readEdits("")).toEqual({ parts: [], intercept: null });
  });

  it("becomes the API's input without what changes nothing", () => {
    const edits = readEdits("L5H0:0,L4H1:1,MLP3:1.5,b4:0");
    expect(interventionInput(edits)).toEqual({
      heads: [{ layer: 5, head: 0, scale: 0 }],
      mlps: [{ layer: 3, scale: 1.5 }],
      top: 8,
    });
    const [part] = edits.parts;
    expect(writeEdits(withoutPart(withPart(edits, { ...part!, scale: 2 }), "L4H1"))).toBe(
      "L5H0:2,MLP3:1.5,b4:0",
    );
  });

  it("takes a text of one's own with the blank that answers begin with", () => {
    expect(ownInput({ text: "", want: "Paris" })).toBeNull();
    expect(ownInput({ text: "In", want: "Paris" })).toEqual({ text: "In", answer: " Paris" });
    expect(ownInput({ text: "In", want: " Paris" })).toEqual({ text: "In", answer: " Paris" });
    expect(ownInput({ text: "In", want: " " })).toEqual({ text: "In" });
  });
});

it("copies requests that the API understands", () => {
  const schema = buildSchema(readFileSync(new URL("../../api/schema.graphql", import.meta.url), "utf8"));
  const of = { run: "0123456789abcdef", prompt: 3 };
  const head = { layer: 1, head: 2 };
  for (const text of [
    attentionQuery(of, head),
    positionsQuery(of, "HEADS_POSITIONS", [head]),
    positionsQuery(of, "LAYERS_POSITIONS", null),
    flowQuery(of, [head, head]),
  ])
    expect(validate(schema, parse(text)), text).toEqual([]);
});

describe("the drawn flow", () => {
  const edge = (
    from: string,
    to: string,
    kind: "SUBJECT_TO_HEAD" | "HEAD_TO_ANSWER" | "HEAD_TO_MLP" | "MLP_TO_ANSWER",
    effect: number,
  ) => ({ from, to, kind, layer: 0, effect, share: effect / 10 }) as const;
  const flow = {
    heads: [
      { label: "L0H0", layer: 0, head: 0 },
      { label: "L1H1", layer: 1, head: 1 },
    ],
    edges: [
      edge("subject", "L0H0", "SUBJECT_TO_HEAD", 10),
      edge("L0H0", "answer", "HEAD_TO_ANSWER", -5),
      edge("L0H0", "MLP0", "HEAD_TO_MLP", 2),
      edge("L0H0", "MLP1", "HEAD_TO_MLP", 0.01),
      edge("subject", "L1H1", "SUBJECT_TO_HEAD", 0),
      edge("L1H1", "answer", "HEAD_TO_ANSWER", 0),
      edge("L1H1", "MLP1", "HEAD_TO_MLP", 0.02),
      edge("MLP0", "answer", "MLP_TO_ANSWER", 4),
      edge("MLP1", "answer", "MLP_TO_ANSWER", -0.05),
    ],
  };
  const { nodes, ribbons, left, width, height } = flowLayout(flow, 800);

  it("is as thick as what it carries, whatever its sign, and names what it leaves out", () => {
    const thickness = (from: string, to: string) =>
      ribbons.find(({ edge: own }) => own.from === from && own.to === to)!.thickness;
    const [ten, five, two] = [
      thickness("subject", "L0H0"),
      thickness("L0H0", "answer"),
      thickness("L0H0", "MLP0"),
    ];
    const none = thickness("subject", "L1H1");
    expect(five / ten).toBeCloseTo(0.5, 9);
    expect(none).toBeGreaterThan(0);
    expect(two / ten).toBeCloseTo(0.2, 9);
    expect(left).toEqual(["MLP1"]);
    expect(ribbons.every(({ edge: own }) => own.to !== "MLP1" && own.from !== "MLP1")).toBe(true);
  });

  it("lies within its frame, boxes apart", () => {
    for (const node of nodes) {
      expect(node.x).toBeGreaterThanOrEqual(0);
      expect(node.x + node.width).toBeLessThanOrEqual(width);
      expect(node.y + node.height).toBeLessThanOrEqual(height);
    }
    for (const a of nodes)
      for (const b of nodes)
        if (a !== b)
          expect(
            a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y,
          ).toBe(true);
  });
});
