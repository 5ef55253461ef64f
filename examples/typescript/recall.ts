// Starts a run, waits for it, reads its heads, and writes a table of them: npx tsx examples/typescript/recall.ts [FOLDER]
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ask, download, graphql } from "./graphql.ts";

const START = graphql(`
  mutation Start($input: CreateRunInput!) {
    createRun(input: $input) { created run { id key } }
  }
`);
const STATE = graphql(`
  query State($id: ID!) {
    run(id: $id) { status progress { fraction message } error { code message } }
  }
`);
const HEADS = graphql(`
  query Heads($id: ID!) {
    run(id: $id) {
      argumentPassing { heads(orderBy: EFFECT, first: 5) { label mover effect { value low high n reason } } }
      exports { tables { name csv } }
    }
  }
`);

const settings = { seed: 1, leadIns: 1, bootstrapSamples: 200, analyses: [] };
const { createRun } = await ask(START, {
  input: { model: "recall-gpt2-1m", task: "country-capital", settings },
});
const { id, key } = createRun.run;
console.log(`run ${key}: ${createRun.created ? "started" : "was there"}`);

for (;;) {
  const { run } = await ask(STATE, { id });
  if (run?.status === "SUCCEEDED") break;
  if (run?.status !== "QUEUED" && run?.status !== "RUNNING")
    throw new Error(
      run?.error ? `${run.error.code}: ${run.error.message}` : `run ${key}: ${run?.status ?? "deleted"}`,
    );
  await pause(500);
}

const { run } = await ask(HEADS, { id });
for (const { label, mover, effect } of run?.argumentPassing?.heads ?? []) {
  // What was not observed is null, and `reason` says why.
  const number =
    effect.value === null
      ? effect.reason
      : `${effect.value.toFixed(3)} [${effect.low?.toFixed(3)}, ${effect.high?.toFixed(3)}]`;
  console.log(`${label} ${number}${mover ? " mover" : ""}`);
}

const table = run?.exports?.tables.find(({ name }) => name === "heads");
const file = path.join(process.argv[2] ?? ".", "heads-typescript.csv");
await writeFile(file, await download(table!.csv));
console.log(`wrote ${file}`);
