import type { ModelSpec } from "../architectures/architecture.ts";
import { EngineError } from "../errors.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { readRows } from "./read-tensor.ts";

const UNEMBEDDINGS = ["lm_head.weight", "embed_out.weight"];
/** Rows that are compared, spread over the vocabulary: a trained unembedding differs in all of them. */
const SAMPLED = 64;

/** Refuses a model whose config.json says that it has no unembedding of its own while its file holds another one: one of the two is wrong. */
export async function checkTied(
  { name, tensors }: Checkpoint,
  { facts, embedding }: ModelSpec,
): Promise<void> {
  if (!facts.tied) return;
  const table = tensors.get(embedding.token)!;
  for (const other of UNEMBEDDINGS.map((own) => tensors.get(own))) {
    if (!other || other.name === table.name) continue;
    const count = Math.min(SAMPLED, facts.vocabulary);
    const rows = Array.from({ length: count }, (_, i) => Math.floor((i * facts.vocabulary) / count));
    const same =
      other.shape.join() === table.shape.join() &&
      (await readRows(other, rows)).join() === (await readRows(table, rows)).join();
    if (!same)
      throw new EngineError(
        "BAD_WEIGHTS",
        `tensor ${other.name} of ${name}: differs from ${table.name}, to which config.json ties it (set tie_word_embeddings to false, or take the tensor out)`,
      );
  }
}
