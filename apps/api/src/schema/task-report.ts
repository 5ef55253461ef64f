import type { FactRecord, TaskReport } from "@recallscope/engine";
import { builder } from "./builder.ts";
import { firstOf, passes } from "./list-arguments.ts";

export const DroppedFact = builder.objectRef<TaskReport["dropped"][number]>("DroppedFact").implement({
  description: "A fact that is not asked of this model.",
  fields: (t) => ({
    subject: t.exposeString("subject", { description: "Its subject." }),
    answer: t.exposeString("answer", { description: "Its answer." }),
    reason: t.exposeString("reason", { description: "Why it is left out." }),
  }),
});

const FactRecordType = builder.objectRef<FactRecord>("FactRecord").implement({
  description: "A fact that was asked, and whether the model knows it.",
  fields: (t) => ({
    index: t.exposeInt("index", { description: "Place among the admitted facts." }),
    subject: t.exposeString("subject", { description: "What was asked about." }),
    answer: t.exposeString("answer", { description: "The right answer." }),
    answerToken: t.exposeInt("answerToken", { description: "First token of the answer." }),
    multiToken: t.exposeBoolean("multiToken", { description: "Whether the answer has more tokens." }),
    knownShare: t.exposeFloat("knownShare", {
      description: "Share of its prompts on which the known filter holds.",
    }),
    known: t.exposeBoolean("known", { description: "Whether that share is at least one half." }),
    donor: t.exposeString("donor", {
      nullable: true,
      description: "Subject that replaces this one in corrupted prompts; null where none has as many tokens.",
    }),
  }),
});

const Candidate = builder.objectRef<TaskReport["candidates"][number]>("Candidate").implement({
  description: "One of the task's possible answers, by its first token.",
  fields: (t) => ({
    token: t.exposeInt("token", { description: "Token id." }),
    text: t.exposeString("text", { description: "Text of the token." }),
    answers: t.exposeStringList("answers", { description: "Answers that begin with it." }),
  }),
});

export const TaskReportType = builder.objectRef<TaskReport>("TaskReport").implement({
  description: "What was asked for, what was kept, and why the rest was not.",
  fields: (t) => ({
    factsTotal: t.exposeInt("factsTotal", { description: "Facts of the task." }),
    factsAdmitted: t.exposeInt("factsAdmitted", { description: "Facts that can be asked of this model." }),
    factsKnown: t.exposeInt("factsKnown", { description: "Facts that the model knows." }),
    sufficient: t.exposeBoolean("sufficient", {
      description: "Whether at least 8 facts are known; with fewer, numbers only describe these facts.",
    }),
    dropped: t.field({
      type: [DroppedFact],
      description: "Facts that were left out.",
      args: { first: t.arg.int({ description: "Only so many of them, 0 or more." }) },
      resolve: ({ dropped }, { first }) => firstOf(dropped, first),
    }),
    facts: t.field({
      type: [FactRecordType],
      description: "Facts that were asked.",
      args: {
        known: t.arg.boolean({ description: "Only known ones, or only others." }),
        first: t.arg.int({ description: "Only so many of them, 0 or more." }),
      },
      resolve: ({ facts }, { known, first }) =>
        firstOf(
          facts.filter((fact) => passes(known, fact.known)),
          first,
        ),
    }),
    candidates: t.expose("candidates", {
      type: [Candidate],
      description: "Answers that the candidate rank is taken among.",
    }),
  }),
});
