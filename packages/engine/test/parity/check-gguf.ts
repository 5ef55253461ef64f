/**
 * Compares a GGUF file with the Hugging Face folder of the same model: token ids of texts, every tensor, and logits at every position of a prompt
 * from each of the repository's tasks. Exits 1 where ids differ, or logits by 1e-2 or more.
 *
 *     npx tsx packages/engine/test/parity/check-gguf.ts MODEL.gguf MODEL_FOLDER CACHE_FOLDER
 */
import { readdirSync } from "node:fs";
import path from "node:path";
import { openCheckpoint } from "../../src/checkpoints/open-checkpoint.ts";
import { readTensor } from "../../src/checkpoints/read-tensor.ts";
import { execute } from "../../src/planner/execute.ts";
import { ModelSession } from "../../src/session/model-session.ts";
import { loadTask } from "../../src/tasks/load-task.ts";
import { openTokenizer } from "../../src/tokenizers/open-tokenizer.ts";
import { readZipped } from "../tokenizers/compare.ts";

const TOLERANCE = 1e-2;
const [file, folder, cache] = process.argv.slice(2);
if (!file || !folder || !cache)
  throw new RangeError("usage: check-gguf.ts MODEL.gguf MODEL_FOLDER CACHE_FOLDER");

const seconds = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
  const start = performance.now();
  const result = await work();
  console.log(`${what}: ${((performance.now() - start) / 1000).toFixed(2)} s`);
  return result;
};
const gguf = await seconds("open the GGUF file", () =>
  openCheckpoint(file, "gguf", { weightsFolder: cache }),
);
await seconds("open it again", () => openCheckpoint(file, "gguf", { weightsFolder: cache }));
const plain = await seconds("open the folder", () => openCheckpoint(folder, "folder"));
console.log(`formats: ${gguf.types.join("+")}, folder ${plain.types.join("+")}`);

let apart = 0;
for (const [name, tensor] of plain.tensors) {
  const [ours, theirs] = [await readTensor(gguf.tensors.get(name)!), await readTensor(tensor)];
  // Relative to the tensor's largest number: the folder has fewer digits.
  const most = theirs.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  for (let i = 0; i < theirs.length; i++) apart = Math.max(apart, Math.abs(ours[i]! - theirs[i]!) / most);
}
console.log(
  `${plain.tensors.size} tensors: at most ${apart.toExponential(1)} of a tensor's largest number apart`,
);

const [ggufTokens, folderTokens] = [await openTokenizer(file), await openTokenizer(folder)];
const fixtures = path.join(import.meta.dirname, "..", "fixtures", "tokenizers", "parity");
const texts = readZipped(path.join(fixtures, "texts.json.gz")) as string[];
const ids = (tokenizer: typeof ggufTokens, text: string) => tokenizer.encode(text).map(({ id }) => id);
const different = texts.filter((text) => String(ids(ggufTokens, text)) !== String(ids(folderTokens, text)));
console.log(`${texts.length} texts: ${different.length} with other ids`);

const tasks = path.join(import.meta.dirname, "../../../../tasks");
const prompts: string[] = [];
for (const task of readdirSync(tasks).filter((name) => name.endsWith(".json"))) {
  const { clauses, facts } = await loadTask(path.join(tasks, task));
  prompts.push(clauses[0]!.text.replace("{subject}", facts[0]!.subject));
}
const sessions = [gguf, plain].map((checkpoint) => ModelSession.open(checkpoint, { threads: 2 }));
const passes = prompts.map((text) => ({ tokens: ids(folderTokens, text), logits: "all" as const }));
const [ours, theirs] = await Promise.all(sessions.map((session) => execute(session, passes)));
let [largest, scale] = [0, 0];
for (const [i, { logits }] of theirs!.entries())
  for (const [j, value] of logits!.entries()) {
    largest = Math.max(largest, Math.abs(value - ours![i]!.logits![j]!));
    scale = Math.max(scale, Math.abs(value));
  }
console.log(
  `logits of ${prompts.length} prompts: at most ${largest.toExponential(2)} apart (largest logit ${scale.toFixed(1)})`,
);
for (const session of sessions) await session.close();
process.exitCode = different.length === 0 && largest < TOLERANCE ? 0 : 1;
