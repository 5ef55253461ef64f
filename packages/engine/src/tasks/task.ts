import { z } from "zod";

/** A factual relation: facts and the sentence frames that ask for them. One JSON file in `tasks/` each. */
export const taskSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  title: z.string().min(1),
  relation: z.string().min(1),
  version: z.number().int().positive(),
  domain: z.string().min(1),
  licence: z.string().min(1),
  source: z.string().min(1),
  /** Core clauses in lower case, ending right before the answer; `{subject}` marks the subject; `relation` is the word that names the relation. */
  clauses: z
    .array(
      z.strictObject({
        id: z.string().min(1),
        text: z.string().includes("{subject}"),
        relation: z.string().min(1),
      }),
    )
    .min(1),
  /** One complete demonstration sentence with `{subject}` and `{answer}`. */
  shot: z.string().includes("{subject}").includes("{answer}"),
  facts: z
    .array(
      z.strictObject({
        subject: z.string().min(1),
        answer: z.string().min(1),
        aliases: z.array(z.string()).optional(),
      }),
    )
    .min(2),
});
export type Task = z.infer<typeof taskSchema>;
