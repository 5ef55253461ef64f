import { describe, expect, it } from "vitest";
import { subjectAttention } from "../../../src/analyses/argument-passing/attention.ts";
import { headRole } from "../../../src/analyses/argument-passing/head-role.ts";
import { quadraticForm } from "../../../src/analyses/argument-passing/quadratic-form.ts";
import { sourceAttribution } from "../../../src/analyses/argument-passing/source-attribution.ts";
import { groupOfPositions, keysOf } from "../../../src/analyses/argument-passing/source-groups.ts";
import type { FurtherContext } from "../../../src/analyses/further.ts";
import {
  type HeadSources,
  SOURCE_GROUPS,
  type SourceGroup,
} from "../../../src/results/source-attribution.ts";
import { FAMILIES } from "../../oracles/oracle.ts";
import { ans, arg, buildModelM, FLAG, idleHead, rel, sub } from "../../synthetic/model-m-folder.ts";
import { contextOn } from "./on-folder.ts";
import { contextOnOracle } from "./on-oracle.ts";

const V = 20;
const of = (head: HeadSources | undefined, group: SourceGroup) =>
  head!.sources.find((source) => source.group === group)!;

describe("sources of heads in model M", async () => {
  const report = await sourceAttribution.run(await contextOn(await buildModelM()));
  const head = (label: string) => report.heads.find((one) => one.label === label);

  it("splits attention over groups that are each of the 4 positions, and says which groups there are none of", () => {
    for (const [group, expected] of [
      ["subject", 0.9],
      ["relation", 1 / 30],
      ["first", 1 / 30],
      ["last", 1 / 30],
    ] as const) {
      expect(of(head("L0H0"), group).attention.value, group).toBeCloseTo(expected, 5);
      expect(report.groups.find((one) => one.group === group)!.prompts).toBe(5);
    }
    for (const group of ["rest", "demonstration subjects", "demonstration answers"] as const) {
      const source = of(head("L0H0"), group);
      for (const estimate of [source.attention, source.valueShare, ...Object.values(source.attribution)])
        expect(estimate).toMatchObject({ value: null, low: null, high: null });
    }
    expect(of(head("L0H0"), "demonstration answers").attention.reason).toBe("no demonstrations (0 shots)");
    expect(of(head("L0H0"), "rest").attention.reason).toMatch(/no prompt has a position that is rest/);
    expect(report).toMatchObject({ prompts: 5, facts: 5, startToken: true });
  });

  it("gives the mover's output of the subject as stored (1.8) and centred over the vocabulary, and nothing of the answer's lead", () => {
    expect(head("L0H0")!.writesOfSubject.value).toBeCloseTo(1.8, 5);
    const { total } = head("L0H0")!;
    expect(total.subject.value).toBeCloseTo(1.8 - 1.8 / V, 5);
    expect(total.answer.value).toBeCloseTo(-1.8 / V, 5);
    expect(total.answerOverCandidates.value).toBeCloseTo(0, 5);
    expect(total.candidates.value).toBeCloseTo(-1.8 / V, 5);
  });

  it("takes the mover's output from the subject, the suppressor's from the last position, not from where they do not look", () => {
    const mover = head("L0H0");
    expect(of(mover, "subject").attribution.subject.value).toBeCloseTo(1.8 - 1.8 / V, 5);
    expect(of(mover, "subject").valueShare.value).toBeCloseTo(1, 5);
    for (const group of ["relation", "first", "last"] as const)
      expect(of(mover, group).attribution.subject.value, group).toBeCloseTo(0, 5);
    const suppressor = head("L1H0");
    expect(of(suppressor, "last").attribution.answerOverCandidates.value).toBeCloseTo(-2.025, 4);
    expect(of(suppressor, "subject").attribution.answerOverCandidates.value).toBeCloseTo(0, 5);
    expect(of(head("L0H2"), "subject").valueShare).toMatchObject({
      value: null,
      reason: "the head writes nothing",
    });
  });

  it("adds up to each head's attribution", () => {
    expect(report.sumError).toBeLessThan(1e-5);
  });

  it("gives no correlation where attention and output are the same on all prompts, and no role on five facts", () => {
    for (const one of report.heads) {
      for (const r of Object.values(one.correlation)) {
        expect(r).toMatchObject({ value: null, low: null, high: null });
        expect(r.reason).toMatch(/does not vary over the prompts/);
      }
      expect(one.role).toBeNull();
    }
    expect(report.roleReason).toMatch(/5 known facts \(at least 8 needed/);
  });
});

describe("roles", async () => {
  const F = 10;
  const range = Array.from({ length: F }, (_, f) => f);
  const onSubject = (argument: number, answer: number) => ({
    key: FLAG.subject,
    ov: range.flatMap((f) => [
      { from: sub(f), to: arg(f), gain: argument },
      { from: sub(f), to: ans(0, f), gain: answer },
    ]),
  });
  const model = await buildModelM({
    facts: F,
    change: ([first, last]) => [
      {
        ...first!,
        heads: [
          ...first!.heads,
          onSubject(0.5, 1.5), // mostly the answer: an extractor that also names the subject
          onSubject(1.5, 0.5), // both, more of the subject
          onSubject(0.05, 0), // .045 logits: below the threshold
          { key: FLAG.relation, ov: range.map((f) => ({ from: rel(0), to: ans(0, f), gain: 1 })) },
        ],
      },
      { ...last!, heads: [...last!.heads, ...Array.from({ length: 4 }, () => idleHead)] },
    ],
  });
  const context = await contextOn(model);
  const report = await sourceAttribution.run(context);
  const role = (label: string) => report.heads.find((one) => one.label === label)!.role;

  it("keep the argument passer apart from who writes the answer", () => {
    expect(role("L0H0")).toBe("argument passer");
    expect(role("L0H3")).toBe("attribute extractor");
    expect(role("L0H4")).toBe("mixed");
  });

  it("call a head that writes all candidates from the relation word a relation head", () => {
    expect(role("L0H6")).toBe("relation head");
    const head = report.heads.find(({ label }) => label === "L0H6");
    expect(of(head, "relation").attribution.candidates.value).toBeCloseTo(0.9 * (1 - F / (3 * F + 5)), 4);
  });

  it("are none for a head of another feature, of too little, of nothing, or of what it reads at the last position", () => {
    for (const label of ["L0H1", "L0H5", "L0H2", "L1H0", "L1H1"]) expect(role(label), label).toBe("none");
  });

  it("are marked on the map of what they are shown by", () => {
    const figures = sourceAttribution.figures!(report, { layers: 2, headsPerLayer: 7 });
    const marked = figures.flatMap((figure) => (figure.kind === "HEADS" ? [figure.marked] : []));
    expect(marked).toEqual([["L0H0", "L0H4"], ["L0H3", "L0H4"], ["L0H4", "L0H6"], ["L0H0"]]);
    for (const figure of figures) if (figure.kind === "HEADS") expect(figure.cells).toHaveLength(14);
  });

  it("come with the numbers of single prompts", () => {
    const { arrays } = report as { arrays?: { name: string; values: Float32Array; axes: unknown[] }[] };
    const [attention, writes] = arrays!;
    expect([attention!.name, writes!.name]).toEqual([
      "sources.attention_to_subject",
      "sources.writes_of_subject",
    ]);
    expect(attention!.values).toHaveLength(F * 2 * 7);
    expect(attention!.values[0]).toBeCloseTo(0.9, 5);
    expect(writes!.values[0]).toBeCloseTo(1.8, 5);
    expect(writes!.values[4]).toBeCloseTo(1.35, 5);
  });
});

describe("the rule for roles", () => {
  const at = (value: number, half = 0.05) => ({ value, low: value - half, high: value + half, n: 8 });
  const nothing = {
    subjectOnSubject: at(0),
    subjectMargin: at(0),
    answerFromSubject: at(0),
    candidatesFromRelation: at(0),
    answerFromRelation: at(0),
  };

  it("asks for intervals above 0, for 0.1 logits, and of relation heads not to tell candidates apart", () => {
    const passer = { ...nothing, subjectOnSubject: at(0.5), subjectMargin: at(0.5) };
    expect(headRole(passer)).toBe("argument passer");
    expect(headRole({ ...passer, subjectOnSubject: at(0.5, 0.6) })).toBe("none");
    expect(headRole({ ...passer, subjectOnSubject: at(0.09, 0.01) })).toBe("none");
    expect(headRole({ ...passer, subjectMargin: at(0.01) })).toBe("none");
    expect(headRole({ ...passer, answerFromSubject: at(0.3) })).toBe("mixed");
    const relationHead = { ...nothing, candidatesFromRelation: at(0.5) };
    expect(headRole(relationHead)).toBe("relation head");
    expect(headRole({ ...relationHead, answerFromRelation: at(0.2) })).toBe("none");
    expect(headRole({ ...relationHead, answerFromRelation: at(-0.2) })).toBe("none");
    expect(headRole({ ...relationHead, ...passer, candidatesFromRelation: at(0.5) })).toBe("mixed");
  });

  it("takes what was not observed as no evidence", () => {
    const unknown = { value: null, low: null, high: null, n: 0, reason: "no prompt" };
    expect(headRole({ ...nothing, candidatesFromRelation: unknown, answerFromRelation: unknown })).toBe(
      "none",
    );
    expect(headRole({ ...nothing, candidatesFromRelation: at(1), answerFromRelation: unknown })).toBe("none");
  });
});

describe("demonstrations in model M", async () => {
  const report = await sourceAttribution.run(await contextOn(await buildModelM({ facts: 8 }), { shots: 1 }));

  it("are sources of their own, apart from the query's subject", () => {
    // [BOS, rel, sub', of, ans', rel, sub, of]: both subjects get score ln 27, the other six positions 0.
    const mover = report.heads[0];
    expect(of(mover, "subject").attention.value).toBeCloseTo(27 / 60, 5);
    expect(of(mover, "demonstration subjects").attention.value).toBeCloseTo(27 / 60, 5);
    expect(of(mover, "demonstration answers").attention.value).toBeCloseTo(1 / 60, 5);
    // What the demonstration's subject gives is of the other subject's token.
    expect(of(mover, "demonstration subjects").attribution.subject.value).toBeLessThan(0);
    expect(of(mover, "rest").attention.value).toBeCloseTo(2 / 60, 5);
  });
});

describe.each(FAMILIES)("sources of heads in a random %s", async (family) => {
  const { context } = await contextOnOracle(family);
  const report = await sourceAttribution.run(context);
  const known = await measureSubjectAttention(context);

  it("add up to every head's attribution, also with shared keys and values", () => {
    expect(report.sumError).toBeLessThan(1e-4);
    for (const { sources, total } of report.heads) {
      const sum = (key: keyof typeof total) =>
        sources.reduce((all, { attribution }) => all + (attribution[key].value ?? 0), 0);
      for (const key of ["subject", "answer", "answerOverCandidates", "candidates"] as const)
        expect(sum(key)).toBeCloseTo(total[key].value!, 4);
      expect(sources.reduce((all, { attention }) => all + (attention.value ?? 0), 0)).toBeCloseTo(1, 5);
      expect(sources.reduce((all, { valueShare }) => all + (valueShare.value ?? 0), 0)).toBeCloseTo(1, 5);
    }
  });

  it("agree with the attention that every run measures", () => {
    for (const [i, head] of report.heads.entries()) {
      expect(of(head, "subject").attention.value).toBeCloseTo(known.attentionToSubject[i]!.value!, 5);
      expect(of(head, "subject").valueShare.value).toBeCloseTo(known.valueWeightedShare[i]!.value!, 5);
      expect(head.total.subject.value).toBeCloseTo(known.dlaSubject[i]!.value!, 4);
      expect(head.total.answer.value).toBeCloseTo(known.dlaAnswer[i]!.value!, 4);
    }
  });

  it("give a correlation between -1 and 1 inside its interval, where attention varies", () => {
    for (const { correlation } of report.heads) {
      for (const { value, low, high, n } of Object.values(correlation)) {
        expect(Math.abs(value!)).toBeLessThanOrEqual(1);
        expect(low!).toBeLessThanOrEqual(high!);
        expect(n).toBe(8);
      }
    }
  });

  it("are refused where values are not those of the head", async () => {
    const swapped: FurtherContext = {
      ...context,
      instruments: {
        ...context.instruments,
        valueDirections: async (layer, rows) =>
          context.instruments.valueDirections(
            layer,
            rows.map((value) => 1000 * value),
          ),
      },
    };
    await expect(sourceAttribution.run(swapped)).rejects.toThrow(/sources of L0H0: miss/);
  });
});

async function measureSubjectAttention(context: FurtherContext) {
  const measurements = [];
  for (const fact of context.measured) {
    const results = [];
    for (const prompt of fact.prompts)
      results.push(await context.execute(subjectAttention.passes(prompt, context)));
    measurements.push(await subjectAttention.measure(fact, results, context));
  }
  return subjectAttention.aggregate(measurements, context);
}

it("measures |v W| by both halves of its symmetric form, never below 0", () => {
  // W = [[1, 2], [3, 4]], v = [1, -2]: v W = [-5, -6].
  expect(quadraticForm(Float32Array.of(5, 11, 11, 25), Float32Array.of(1, -2))).toBe(61);
  expect(quadraticForm(Float32Array.of(1, -1.0001, -1.0001, 1), Float32Array.of(1, 1))).toBe(0);
});

describe("groups of positions", () => {
  const prompt = {
    tokens: Array.from({ length: 9 }, (_, i) => i),
    subjectSpan: [7, 9] as [number, number],
    roles: {
      relation: [5, 7] as [number, number],
      shots: [{ subject: [0, 2] as [number, number], answer: [1, 3] as [number, number] }],
    },
  };

  it("put each position in one group: a subject at the end stays subject, a demonstration at the front is not `first`", () => {
    expect(groupOfPositions(prompt).map((i) => SOURCE_GROUPS[i])).toEqual([
      "demonstration subjects",
      "demonstration answers",
      "demonstration answers",
      "rest",
      "rest",
      "relation",
      "relation",
      "subject",
      "subject",
    ]);
  });

  it("never hide the last position from itself", () => {
    expect(keysOf(prompt, ["subject"])).toEqual([7]);
    expect(keysOf({ ...prompt, subjectSpan: [8, 9] }, ["subject"])).toEqual([]);
    expect(keysOf(prompt, ["rest", "demonstration answers"])).toEqual([1, 2, 3, 4]);
  });
});
