import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createClient } from "graphql-ws";
import type { Logger } from "pino";
import WebSocket from "ws";
import { type Config, readConfig } from "../../src/env.ts";
import { start } from "../../src/start.ts";
import { type FakeEngine, fakeEngine } from "./fake-engine.ts";
import { quiet } from "./quiet.ts";
import { templateDatabase } from "./template.ts";

export interface Answer<T> {
  status: number;
  data: T;
  errors?: { message: string; path?: string[]; extensions: Record<string, unknown> & { code: string } }[];
}

/** An answer whose shape the test itself states by what it expects. */
// biome-ignore lint/suspicious/noExplicitAny: typed by the expectations
export type Loose = any;

/** A models folder with empty models of these names, which the fake engine "opens". */
export async function modelsFolder(...names: string[]): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "recallscope-models-"));
  for (const name of names) {
    await mkdir(path.join(folder, name));
    await writeFile(path.join(folder, name, "config.json"), "{}");
  }
  return folder;
}

/** The whole platform on a free port, with a database in memory and the fake engine. */
export async function testPlatform({
  engine = fakeEngine(),
  log = quiet,
  float16 = false,
  ...changes
}: Partial<Config> & { engine?: FakeEngine; log?: Logger; float16?: boolean } = {}) {
  const { pglite, database } = await templateDatabase();
  const models = await modelsFolder("demo", "other");
  const statements: string[] = [];
  const query = pglite.query.bind(pglite);
  pglite.query = ((text: string, ...rest: [never]) => {
    // Not what goes on by itself: the queue, and the worker that says it is there.
    if (!/pgboss|"Worker"/.test(text)) statements.push(text);
    return query(text, ...rest);
  }) as typeof pglite.query;
  const config: Config = {
    ...readConfig({}),
    port: 0,
    modelsFolder: models,
    webFolder: path.join(models, "no-web"),
    ...changes,
  };
  const platform = await start({
    config,
    engines: { runs: engine, interactive: engine, live: engine },
    log,
    database,
    triesFloat16: async () => float16,
  });
  const url = platform.url.replace("localhost", "127.0.0.1");
  const sockets = createClient({ url: `${url.replace("http", "ws")}/graphql`, webSocketImpl: WebSocket });

  const graphql = async <T = Record<string, never>>(
    text: string,
    variables: Record<string, unknown> = {},
  ): Promise<Answer<T>> => {
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: text, variables }),
    });
    return { status: response.status, ...((await response.json()) as Omit<Answer<T>, "status">) };
  };
  return {
    ...platform,
    url,
    engine,
    models,
    statements,
    graphql,
    /** The one code of a refused request; fails when it was not refused. */
    codeOf: async (text: string, variables?: Record<string, unknown>) => {
      const { errors } = await graphql(text, variables);
      if (!errors) throw new Error("the request was not refused");
      return errors[0]!.extensions.code;
    },
    subscribe: <T>(text: string, variables: Record<string, unknown> = {}) =>
      sockets.iterate<T>({ query: text, variables }),
    createRun: async (input: Record<string, unknown> = {}) => {
      const { data, errors } = await graphql<{
        createRun: { created: boolean; run: { id: string; key: string } };
      }>(
        `mutation ($input: CreateRunInput!) { createRun(input: $input) { created run { id key status } } }`,
        { input: { model: "demo", task: "country-capital", ...input } },
      );
      if (errors) throw new Error(JSON.stringify(errors));
      return { created: data.createRun.created, ...data.createRun.run };
    },
    /** Waits until a run is in one of the states. */
    reaches: async (id: string, ...states: string[]) => {
      for (const until = Date.now() + 40_000; Date.now() < until; ) {
        const { data } = await graphql<{
          run: { status: string; key: string; error: { code: string } | null };
        }>(`query ($id: ID!) { run(id: $id) { status key error { code message } } }`, { id });
        if (states.includes(data.run.status)) return data.run;
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      throw new Error(`run ${id} did not reach ${states}`);
    },
    stop: async () => {
      await sockets.dispose();
      await platform.stop();
      await rm(models, { recursive: true, force: true });
    },
  };
}
export type TestPlatform = Awaited<ReturnType<typeof testPlatform>>;
