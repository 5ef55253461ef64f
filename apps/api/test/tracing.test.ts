import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestPlatform, testPlatform } from "./support/platform.ts";

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
let platform: TestPlatform;
beforeAll(async () => {
  provider.register();
  platform = await testPlatform();
});
afterAll(async () => {
  await platform.stop();
  await provider.shutdown();
});

const ours = () =>
  exporter
    .getFinishedSpans()
    .filter(({ instrumentationScope }) => instrumentationScope.name === "recallscope");
const named = (name: string) => ours().filter((span) => span.name === name);

it("gives an attached SDK a span for each operation, with its name and outcome and nothing it holds", async () => {
  await platform.graphql(`query Mine($text: String) { runs(filter: { text: $text }) { totalCount } }`, {
    text: "planted",
  });
  await platform.graphql(`{ runs(first: 1000) { totalCount } }`);
  await platform.graphql(`{`);
  await expect.poll(() => named("GraphQL query Mine")).toHaveLength(1);
  expect(named("GraphQL query Mine")[0]!.attributes).toEqual({
    "graphql.operation.type": "query",
    "graphql.operation.name": "Mine",
    "recallscope.code": "OK",
  });
  await expect.poll(() => named("GraphQL query")).toHaveLength(1);
  expect(named("GraphQL query")[0]!.status.message).toBe("BAD_USER_INPUT");
  await expect.poll(() => named("GraphQL none")).toHaveLength(1);
  expect(
    JSON.stringify(ours().map(({ name, attributes, events }) => [name, attributes, events])),
  ).not.toContain("planted");
});

it("gives it a span for each run that is worked on, and within it for each shard", async () => {
  const { id } = await platform.createRun();
  await platform.reaches(id, "SUCCEEDED");
  await expect.poll(() => named("run").length).toBeGreaterThan(0);
  const { id: runId } = await platform.services.prisma.run.findFirstOrThrow();
  const [run] = named("run");
  expect(run!.attributes).toEqual({ "recallscope.run.id": runId });
  const shards = named("shard");
  expect(shards.length).toBeGreaterThan(1);
  for (const { attributes, parentSpanContext } of shards) {
    expect(attributes["recallscope.run.id"]).toBe(runId);
    expect(named("run").map((span) => span.spanContext().spanId)).toContain(parentSpanContext?.spanId);
  }
});

it("marks a shard that fails", async () => {
  const before = named("run").length;
  platform.engine.failure = new Error("planted");
  const { id } = await platform.createRun({ settings: { seed: 5 } });
  await platform.reaches(id, "FAILED");
  await expect.poll(() => named("run").length).toBeGreaterThan(before);
  expect(named("shard").at(-1)!.status.message).toBe("INTERNAL_SERVER_ERROR");
});
