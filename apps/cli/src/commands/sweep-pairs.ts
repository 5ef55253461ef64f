import type { SweepInput } from "@recallscope/engine";
import { z } from "zod";
import { expected, readJson } from "../files.ts";

const prompts = list(
  z.union([z.array(z.int().min(0)).min(1), z.string().min(1)], {
    error: expected("a text, or token ids such as [464, 3139]"),
  }),
  "a list of prompts",
);
const tokens = list(
  z.union([z.int().min(0), z.string().min(1)], {
    error: expected('a token id, or a text that is one token, such as " Paris"'),
  }),
  "a list with a token for each pair",
);

const schema: z.ZodType<SweepInput> = z.strictObject(
  { clean: prompts, corrupted: prompts.optional(), answer: tokens, wrong: tokens },
  {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `unknown ${issue.keys.join(", ")} (allowed: clean, corrupted, answer, wrong)`
        : expected('{"clean": [...], "corrupted": [...], "answer": [...], "wrong": [...]}')(issue),
  },
);

/** Pairs of prompts out of a JSON file. @throws EngineError BAD_INPUT naming the file and the place in it */
export const readPairs = (file: string): Promise<SweepInput> => readJson(file, schema);

function list<T>(item: z.ZodType<T>, what: string) {
  return z.array(item, { error: expected(what) }).min(1, { error: `empty (${what} expected)` });
}
