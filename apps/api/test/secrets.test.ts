import { EngineError } from "@recallscope/engine";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createToken } from "../src/access/tokens.ts";
import { openDatabase } from "../src/database/open-database.ts";
import { readConfig } from "../src/env.ts";
import { createLog } from "../src/log.ts";
import { printedSchema } from "../src/schema/index.ts";
import { keepSecret, redact } from "../src/secrets.ts";
import { type TestPlatform, testPlatform } from "./support/platform.ts";

/** Planted where a careless line would carry it out. */
const PASSWORD = 'p"ss/w0rd%20#1';
const HUB_TOKEN = "hub-token-of-nobody";
const lines: string[] = [];
let platform: TestPlatform;
let token: string;

beforeAll(async () => {
  readConfig({
    DATABASE_URL: `postgresql://user:${encodeURIComponent(PASSWORD)}@127.0.0.1:1/db`,
    HF_TOKEN: HUB_TOKEN,
  });
  const log = createLog("trace", { write: (line) => void lines.push(line) });
  platform = await testPlatform({ tokensRequired: true, log });
  token = (await createToken(platform.services.prisma, { name: "t", role: "ADMIN", expiresInDays: null }))
    .secret;
});
afterAll(() => platform.stop());

const SECRETS = () => [
  PASSWORD,
  encodeURIComponent(PASSWORD),
  JSON.stringify(PASSWORD).slice(1, -1),
  HUB_TOKEN,
  token,
];
const expectNone = (text: string) => {
  for (const secret of SECRETS()) expect(text).not.toContain(secret);
};

async function ask(query: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${platform.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify({ query }),
  });
  return response.text();
}
const ADD = `mutation { addModel(input: { name: "demo" }) { model { id } } }`;
const RUN = `mutation { createRun(input: { model: "demo", task: "country-capital", settings: { seed: 9 } }) { run { id } } }`;

it("no secret comes out in answers, rows, events or the log", async () => {
  const leak = `GET https://user:${PASSWORD}@hub/ with Bearer ${HUB_TOKEN} and ${token}`;
  const answers: string[] = [];
  platform.engine.failure = new EngineError("DOWNLOAD_FAILED", leak);
  answers.push(await ask(ADD), await ask(RUN));
  platform.engine.failure = Object.assign(new TypeError(leak), {
    input: leak,
    headers: { authorization: token },
  });
  answers.push(await ask(ADD, { cookie: `recallscope_session=${token}` }));
  await ask(RUN, { authorization: `Basic ${token}` });
  await fetch(`${platform.url}/session`, {
    method: "POST",
    headers: { origin: platform.url, "content-type": "application/x-www-form-urlencoded" },
    body: `token=${token}`,
    redirect: "manual",
  });
  answers.push(await ask(`mutation { addModel(input: { name: "${token}" }) { model { id } } }`));
  await expect
    .poll(() => platform.services.prisma.run.count({ where: { status: "FAILED" } }), { timeout: 20_000 })
    .toBe(1);
  answers.push(
    await ask(
      `{ runs { edges { node { error { code message } receipt { engineVersion } } } } tokens { edges { node { name hint } } } auditEvents { edges { node { actor action subject outcome } } } }`,
    ),
  );
  const { prisma } = platform.services;
  answers.push(
    JSON.stringify([
      await prisma.run.findMany(),
      await prisma.model.findMany(),
      await prisma.auditEvent.findMany(),
    ]),
  );

  for (const answer of answers) expectNone(answer);
  expect(answers.join()).toContain("[redacted]");
  const logged = lines.join("");
  expectNone(logged);
  expect(logged).toContain("request failed");
  for (const line of lines) expect(() => JSON.parse(line), line).not.toThrow();
  for (const secret of [PASSWORD, HUB_TOKEN, "rsc_"]) expect(printedSchema()).not.toContain(secret);
});

it("an unreachable database is named without its password", async () => {
  const databaseUrl = `postgresql://user:${encodeURIComponent(PASSWORD)}@127.0.0.1:1/db`;
  const error = await openDatabase({ dataFolder: "/nowhere", databaseUrl }).catch(
    (problem: unknown) => problem,
  );
  expect(error).toMatchObject({ code: "DATABASE_FAILED" });
  createLog("trace", { write: (line) => void lines.push(line) }).error({ error }, "planted");
  expectNone(lines.join(""));
  expectNone(String(error));
});

it("a password among the parameters of the database's address is a secret too", () => {
  readConfig({ DATABASE_URL: "postgresql://127.0.0.1:1/db?user=u&password=planted%20there" });
  expect(redact("with planted there, or planted%20there")).toBe("with [redacted], or [redacted]");
});

it.each([
  ["rsc_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG", "rsc_[redacted]"],
  ["hf_abcdefghijklmnopqrst", "hf_[redacted]"],
  ["postgres://me:pw@host/db", "postgres://me:[redacted]@host/db"],
  ["Authorization: Bearer abcdefgh123", "Authorization: Bearer [redacted]"],
  ["nothing to hide at http://localhost:3000/x@y", "nothing to hide at http://localhost:3000/x@y"],
])("%s is written as %s", (text, safe) => expect(redact(text)).toBe(safe));

it("a short word is no secret", () => {
  keepSecret("run");
  expect(redact("a run")).toBe("a run");
});
