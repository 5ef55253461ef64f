import { afterAll, beforeAll, expect, it } from "vitest";
import { createLog } from "../src/log.ts";
import { type TestPlatform, testPlatform } from "./support/platform.ts";

const lines: string[] = [];
let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform({ log: createLog("info", { write: (line) => void lines.push(line) }) });
});
afterAll(() => platform.stop());

it("counts and times what it does, for Prometheus", async () => {
  const { id } = await platform.createRun();
  await platform.reaches(id, "SUCCEEDED");
  await platform.graphql(`{ runs(first: 1000) { totalCount } }`);
  const text = await (await fetch(`${platform.url}/metrics`)).text();
  expect(text).toContain(`recallscope_runs{status="SUCCEEDED"} 1`);
  expect(text).toContain(`recallscope_runs{status="QUEUED"} 0`);
  expect(text).toContain(`recallscope_run_seconds_count{outcome="SUCCEEDED"} 1`);
  expect(text).toContain(`recallscope_graphql_operations_total{kind="mutation",code="OK"} 1`);
  expect(text).toContain(`recallscope_graphql_operations_total{kind="query",code="BAD_USER_INPUT"} 1`);
  expect(text).toMatch(
    /recallscope_http_request_seconds_count\{method="POST",route="\/graphql",status="200"\} \d/,
  );
  expect(text).toContain("process_resident_memory_bytes");
});

it("takes no notice of a cookie of another server of this machine where no token is asked for", async () => {
  const cookie = "recallscope_session=rsc_left-over-of-a-server-on-another-port";
  const page = await fetch(platform.url, {
    headers: { cookie, "sec-fetch-dest": "document" },
    redirect: "manual",
  });
  expect(page.status).not.toBe(303);
  const response = await fetch(`${platform.url}/graphql`, {
    method: "POST",
    headers: { cookie, "content-type": "application/json" },
    body: JSON.stringify({ query: "{ runs(first: 1) { totalCount } }" }),
  });
  expect(await response.json()).toMatchObject({ data: { runs: {} } });
});

it("names requests and runs in its log", async () => {
  const response = await fetch(`${platform.url}/schema.graphql`, { headers: { "x-request-id": "mine-1" } });
  expect(response.headers.get("x-request-id")).toBe("mine-1");
  const forged = await fetch(`${platform.url}/schema.graphql`, { headers: { "x-request-id": 'a"b' } });
  expect(forged.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  await expect.poll(() => lines.join("")).toContain("mine-1");
  const run = await platform.services.prisma.run.findFirstOrThrow();
  const about = lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === "run finished");
  expect(about).toMatchObject({ runId: run.id, ticket: expect.stringMatching(/#0$/) });
});

it("is not ready when migrations are missing or the database does not answer", async () => {
  const ready = async () => {
    const response = await fetch(`${platform.url}/readyz`);
    return {
      status: response.status,
      ...((await response.json()) as { checks: Record<string, string> }).checks,
    };
  };
  const { prisma } = platform.services;
  await prisma.$executeRaw`update _prisma_migrations set finished_at = null where migration_name like '%_access'`;
  expect(await ready()).toMatchObject({ status: 503, database: "ok", migrations: "1 not applied" });
  await prisma.$executeRaw`drop table _prisma_migrations`;
  expect(await ready()).toMatchObject({ status: 503, database: "does not answer" });
});
