import { type FactTokens, factTokens, type TaskTokens } from "../tasks/fact-tokens.ts";
import { builder } from "./builder.ts";
import { DroppedFact } from "./task-report.ts";

const FactTokensType = builder.objectRef<FactTokens>("FactTokens").implement({
  description: "A fact as a model reads it.",
  fields: (t) => ({
    subject: t.exposeString("subject", { description: "What is asked about." }),
    answer: t.exposeString("answer", { description: "The right answer." }),
    subjectTokens: t.exposeStringList("subjectTokens", {
      description: "Texts of the subject's tokens in the first clause that asks it.",
    }),
    answerToken: t.exposeString("answerToken", { description: "Text of the answer's first token." }),
  }),
});

const TaskTokensType = builder.objectRef<TaskTokens>("TaskTokens").implement({
  description: "A task's facts as a model reads them.",
  fields: (t) => ({
    facts: t.expose("facts", { type: [FactTokensType], description: "Facts that can be asked of it." }),
    dropped: t.expose("dropped", { type: [DroppedFact], description: "Facts that cannot, and why." }),
  }),
});

builder.queryField("taskTokens", (t) =>
  t.field({
    type: TaskTokensType,
    description:
      "How a model's tokenizer cuts a task's facts. Reads no weights. Errors: MODEL_NOT_FOUND, TASK_NOT_FOUND, BAD_TOKENIZER.",
    args: {
      model: t.arg.string({ required: true, description: "Name in models/, absolute folder, or hub id." }),
      task: t.arg.string({ required: true, description: "Slug of the task." }),
    },
    resolve: (_parent, { model, task }, services) => factTokens(services, model, task),
  }),
);
