import { readFileSync } from "node:fs";
import { buildSchema, parse, validate } from "graphql";
import { describe, expect, it } from "vitest";
import { figureCsv, figureJson } from "../src/charts/figure-export.ts";
import { receiptLine } from "../src/charts/figure-receipt.ts";
import * as queries from "../src/features/run/figure-queries.ts";
import { curlOf } from "../src/graphql/request-text.ts";

const schema = buildSchema(readFileSync(new URL("../../api/schema.graphql", import.meta.url), "utf8"));
const RUN = "UnVuOjE=";

/** Every builder of figure-queries.ts, with each kind of argument that the pages give it. */
const TEXTS: Record<keyof typeof queries, string[]> = {
  lensQuery: (["probability", "centredLogit", "medianRank"] as const).map((measure) =>
    queries.lensQuery(RUN, measure),
  ),
  promptLensQuery: (["probability", "rank"] as const).map((measure) =>
    queries.promptLensQuery(RUN, 12, measure),
  ),
  promptHeadsQuery: ["effect", "noising", "denoising", "attentionToSubject"].map((metric) =>
    queries.promptHeadsQuery(RUN, 12, metric),
  ),
  attributionQuery: ["kind: MLP", "orderBy: SIZE", "orderBy: SIZE, first: 20"].map((which) =>
    queries.attributionQuery(RUN, which, ["answer", "centred"]),
  ),
  headMapQuery: [
    "effect",
    "noising",
    "denoising",
    "attentionToSubject",
    "valueWeightedShare",
    "dlaSubject",
    "dlaAnswer",
  ].map((metric) => queries.headMapQuery(RUN, metric)),
  weightsQuery: [queries.weightsQuery(RUN, "R2", 3)],
  r2Query: [queries.r2Query(RUN, "R1")],
  interceptTokensQuery: [queries.interceptTokensQuery(RUN, "R2", 3)],
  typeGainQuery: [queries.typeGainQuery(RUN, "R2")],
  splitQuery: [queries.splitQuery(RUN)],
  finalHeadsQuery: [queries.finalHeadsQuery(RUN)],
  sweepQuery: ["logProb", "probability", "meanRank", "top1", "candidateTop1"].map((measure) =>
    queries.sweepQuery(RUN, measure),
  ),
  gainQuery: [queries.gainQuery(RUN)],
  promptsQuery: [
    queries.promptsQuery(RUN, [null], 500, null),
    queries.promptsQuery(RUN, [null, "c1", "c2"], 500, true),
  ],
  furtherQuery: [queries.furtherQuery(RUN, "path-patching", "heads")],
};

describe("the requests behind figures", () => {
  it.each(Object.entries(TEXTS))("%s is valid GraphQL of this server", (_name, texts) => {
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) expect(validate(schema, parse(text)).map(({ message }) => message)).toEqual([]);
  });

  it("would not pass if a field did not exist", () => {
    expect(validate(schema, parse(queries.headMapQuery(RUN, "noSuchMetric")))).not.toEqual([]);
  });

  it("asks by cURL what the query asks, whatever stands in it", () => {
    const query = `{\n  run(id: "it's \\"x\\"") { key }\n}`;
    const line = curlOf(query, "https://example.org", false);
    expect(line).toContain("https://example.org/graphql");
    const [, body = ""] = /--data-binary '(.*)'$/s.exec(line) ?? [];
    // What a shell makes of it: '\'' is a quote inside single quotes.
    expect(JSON.parse(body.replaceAll("'\\''", "'"))).toEqual({
      query: `{ run(id: "it's \\"x\\"") { key } }`,
    });
  });

  it("leaves the token to the shell, where one is asked for", () => {
    expect(curlOf("{ server { engineVersion } }", "http://x", false)).not.toContain("authorization");
    expect(curlOf("{ server { engineVersion } }", "http://x", true)).toContain(
      '-H "authorization: Bearer $RECALLSCOPE_TOKEN"',
    );
  });
});

describe("the files of a figure", () => {
  const receipt = {
    model: "recall-gpt2",
    task: "country-capital",
    shots: 0,
    factsKnown: 24,
    factsTotal: 30,
    engineVersion: "0.1.0",
    semanticsVersion: 3,
    weightHash: "0123456789abcdef0123456789abcdef",
    runKey: "fedcba9876543210",
    computedAt: "2026-11-27T10:00:00.000Z",
  };
  const about = { unit: "logits", meaning: "what is seen", formula: "a\nb", source: "somebody" };
  const stamp = { title: "A figure", about, receipts: [receipt], address: "http://x/runs/1?tab=heads" };
  const table = {
    columns: ["head", "value"],
    rows: [
      ["L0H1", -0.123456789],
      ["#1, a", null],
    ] as const,
  };

  it("the footer of a picture names model, task, shots, n, engine, weights, run and day", () => {
    expect(receiptLine(receipt)).toBe(
      "recall-gpt2 · country-capital · zero-shot · n = 24 known of 30 facts · engine 0.1.0 · weights 0123456789ab · run fedcba9876543210 · 2026-11-27",
    );
  });

  it("CSV: comments with the whole receipt, then the numbers with all their digits", () => {
    const lines = figureCsv(table, stamp).split("\r\n");
    const comments = lines.filter((line) => line.startsWith("#"));
    expect(comments.join("\n")).toContain("weights sha-256 0123456789abcdef0123456789abcdef");
    expect(comments).toContain("# formula: a; b");
    expect(comments).toContain("# shown at http://x/runs/1?tab=heads");
    expect(lines.slice(comments.length)).toEqual(["head,value", "L0H1,-0.123456789", '"#1, a",']);
  });

  it("JSON: the same, null where nothing was observed", () => {
    expect(JSON.parse(figureJson(table, stamp))).toMatchObject({
      figure: "A figure",
      unit: "logits",
      formula: "a\nb",
      runs: [receipt],
      rows: [
        { head: "L0H1", value: -0.123456789 },
        { head: "#1, a", value: null },
      ],
    });
  });
});
