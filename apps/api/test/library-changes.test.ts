import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { type Client, createClient } from "graphql-ws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { type Loose, modelsFolder } from "./support/platform.ts";
import { type PostgresServer, postgresPrograms, startPostgres } from "./support/postgres.ts";
import { ask, fakeServer, killAll, type ServerProcess } from "./support/process.ts";
import { templateFolder } from "./support/template.ts";

/** What somebody changes at one server is seen by whoever follows it at another. */
describe.each([
  ["in one process", false],
  ["across processes on PostgreSQL", true],
])("names, notes and tags, %s", (_, onPostgres) => {
  const missing = onPostgres && postgresPrograms === null;
  let folder: string;
  let models: string;
  let postgres: PostgresServer | null = null;
  const servers: ServerProcess[] = [];
  /** Where it is changed, and where it is followed. */
  let [here, there] = ["", ""];
  let sockets: Client;
  let run: { id: string; key: string };

  beforeAll(async () => {
    if (missing) return;
    folder = await mkdtemp(path.join(os.tmpdir(), "recallscope-changes-"));
    models = await modelsFolder("demo", "other");
    postgres = onPostgres ? await startPostgres({ fsync: "off" }) : null;
    const url = (await postgres?.createDatabase("changes")) ?? "";
    for (let i = 0; i < (onPostgres ? 2 : 1); i++) {
      if (!onPostgres) await templateFolder(path.join(folder, String(i)));
      const server = fakeServer(path.join(folder, String(i)), models, 1, 1, { DATABASE_URL: url });
      servers.push(server);
      [here, there] = [here || (await server.says("ready")), await server.says("ready")];
    }
    expect(here === there).toBe(!onPostgres);
    sockets = createClient({ url: `${there.replace("http", "ws")}/graphql`, webSocketImpl: WebSocket });
    const input = { name: "first", models: ["demo"], tasks: ["country-capital"] };
    const { createStudy } = await ask<Loose>(
      here,
      `mutation ($input: CreateStudyInput!) { createStudy(input: $input) { study { cells { edges { node { run { id } } } } } } }`,
      { input },
    );
    const { id } = createStudy.study.cells.edges[0].node.run;
    const followed = {
      query: `subscription ($id: ID!) { runProgress(id: $id) { id key } }`,
      variables: { id },
    };
    // It ends with the run, whose key is then the final one.
    for await (const { data } of sockets.iterate<Loose>(followed)) run = data?.runProgress;
  }, 300_000);
  afterAll(async () => {
    await sockets?.dispose();
    for (const server of servers) await server.end("SIGTERM");
    killAll();
    await postgres?.remove();
    if (!missing) for (const each of [folder, models]) await rm(each, { recursive: true, force: true });
  });

  /** Follows until `change` shows in what a subscription sends. */
  const seesAfter = async (
    subscription: string,
    change: () => Promise<unknown>,
    expected: (value: Loose) => boolean,
  ) => {
    const seen: unknown[] = [];
    const stream = sockets.iterate<Loose>({ query: subscription });
    const following = (async () => {
      for await (const { data, errors } of stream) {
        expect(errors).toBeUndefined();
        const [value] = Object.values(data ?? {});
        seen.push(value);
        if (expected(value)) return;
      }
    })();
    // The server has begun to listen when it answers what the same socket asked after.
    for await (const _ of sockets.iterate({ query: "{ server { version: engineVersion } }" })) break;
    await change();
    const late = new Promise((_, reject) =>
      setTimeout(() => reject(new Error(`not seen in ${JSON.stringify(seen)}`)), 15_000),
    );
    await Promise.race([following, late]);
    await stream.return?.();
  };
  const mutate = (mutation: string, input: object) =>
    ask<Loose>(
      here,
      `mutation ($input: ${mutation[0]!.toUpperCase()}${mutation.slice(1).split("(")[0]}Input!) { ${mutation} }`,
      { input },
    );

  it.skipIf(missing)("of a study, where it is followed and where studies are listed", async () => {
    const rename = (id: string, change: object) =>
      mutate("updateStudy(input: $input) { study { id } }", { id, ...change });
    await seesAfter(
      `subscription { studyProgress(id: "first") { name note } }`,
      () => rename("first", { name: "second" }),
      ({ name }) => name === "second",
    );
    await seesAfter(
      `subscription { studyChanged { name note } }`,
      () => rename("second", { note: "seen" }),
      ({ name, note }) => name === "second" && note === "seen",
    );
    await seesAfter(
      `subscription { studyChanged { name settings { shots } } }`,
      () => mutate("extendStudy(input: $input) { queued }", { id: "second", settings: [{ shots: 3 }] }),
      ({ settings }) => settings.length === 2,
    );
  });

  it.skipIf(missing)("of a saved comparison", async () => {
    await seesAfter(
      `subscription { comparisonChanged { name runs { key } } }`,
      () => mutate("createComparison(input: $input) { comparison { id } }", { name: "a", runs: [run.id] }),
      ({ name, runs }) => name === "a" && runs[0].key === run.key,
    );
    await seesAfter(
      `subscription { comparisonChanged { name note } }`,
      () => mutate("updateComparison(input: $input) { comparison { id } }", { id: "a", name: "b" }),
      ({ name }) => name === "b",
    );
  });

  it.skipIf(missing)("of runs, which neither stop nor start being computed for that", async () => {
    await seesAfter(
      `subscription { runChanged { key tags status } }`,
      () => mutate("tagRuns(input: $input) { runs { id } }", { runs: [run.id], add: ["paper"] }),
      ({ key, tags }) => key === run.key && tags[0] === "paper",
    );
    await seesAfter(
      `subscription { runChanged { key note } }`,
      () => mutate("noteRuns(input: $input) { runs { id } }", { runs: [run.key], note: "inverted" }),
      ({ note }) => note === "inverted",
    );
    const { run: now } = await ask<Loose>(there, `query ($id: ID!) { run(id: $id) { status } }`, {
      id: run.id,
    });
    expect(now.status).toBe("SUCCEEDED");
  });

  it.skipIf(missing)("ends for a study that is deleted, also one without runs", async () => {
    await mutate("deleteRun(input: $input) { deletedId }", { id: run.id });
    const stream = sockets.iterate<Loose>({ query: `subscription { studyProgress(id: "second") { name } }` });
    expect((await stream.next()).value.data.studyProgress).toEqual({ name: "second" });
    await mutate("deleteStudy(input: $input) { deletedId }", { id: "second" });
    let ended = false;
    for (const until = Date.now() + 15_000; !ended && Date.now() < until; )
      ended = (await stream.next()).done ?? false;
    expect(ended).toBe(true);
  });
});
