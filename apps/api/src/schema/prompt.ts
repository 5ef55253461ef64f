import type { PromptRecord } from "@recallscope/engine";
import { fromJson } from "../results/json.ts";
import { builder } from "./builder.ts";

type Top = PromptRecord["topTokens"][number];
const TopToken = builder.objectRef<Top>("TopToken").implement({
  description: "A token that the model finds probable.",
  fields: (t) => ({
    token: t.exposeInt("token", { description: "Token id." }),
    text: t.exposeString("text", { description: "Text of the token." }),
    probability: t.exposeFloat("probability", { description: "Its probability." }),
  }),
});

/** A prompt of a run with the fact it asks for. */
builder.prismaObject("Prompt", {
  description: "One question of a run, and what the model made of it.",
  fields: (t) => {
    const content = { select: { content: true } } as const;
    const read = (row: { content: unknown }) => fromJson<PromptRecord>(row.content);
    const fact = {
      select: { content: true, run: { select: { report: { select: { task: true } } } } },
    } as const;
    const factOf = (row: { content: unknown; run: { report: { task: unknown } | null } }) =>
      fromJson<{ facts: { subject: string; answer: string }[] }>(row.run.report?.task).facts[read(row).fact]!;
    return {
      index: t.exposeInt("index", { description: "Place in the run." }),
      fact: t.int({
        ...content,
        description: "Place of its fact among the admitted facts.",
        resolve: (row) => read(row).fact,
      }),
      subject: t.string({
        ...fact,
        description: "What is asked about.",
        resolve: (row) => factOf(row).subject,
      }),
      answer: t.string({ ...fact, description: "The right answer.", resolve: (row) => factOf(row).answer }),
      frame: t.string({
        ...content,
        description: "Clause and lead-in, e.g. capital-of/none.",
        resolve: (row) => read(row).frame,
      }),
      text: t.string({ ...content, description: "What the model read.", resolve: (row) => read(row).text }),
      tokens: t.intList({ ...content, description: "Its token ids.", resolve: (row) => read(row).tokens }),
      tokenTexts: t.stringList({
        ...content,
        description: "Texts of the tokens.",
        resolve: (row) => read(row).tokenTexts,
      }),
      subjectStart: t.int({
        ...content,
        description: "First position of the subject.",
        resolve: (row) => read(row).subjectSpan[0],
      }),
      subjectEnd: t.int({
        ...content,
        description: "Position after the subject's last.",
        resolve: (row) => read(row).subjectSpan[1],
      }),
      known: t.exposeBoolean("known", {
        description: "Whether the known filter holds on this prompt's fact.",
      }),
      rank: t.int({
        ...content,
        description: "Rank of the answer among all tokens; 0 = top.",
        resolve: (row) => read(row).rank,
      }),
      candidateRank: t.int({
        ...content,
        description: "Rank of the answer among the task's answers; 0 = top.",
        resolve: (row) => read(row).candidateRank,
      }),
      probability: t.float({
        ...content,
        description: "Probability of the answer's first token.",
        resolve: (row) => read(row).probability,
      }),
      logProb: t.float({
        ...content,
        description: "Its logarithm, in nats.",
        resolve: (row) => read(row).logProb,
      }),
      centredLogit: t.float({
        ...content,
        description: "The answer's logit minus the vocabulary's mean.",
        resolve: (row) => read(row).centredLogit,
      }),
      fullAnswerTop1: t.boolean({
        ...content,
        nullable: true,
        description:
          "Whether each token of the answer is the most probable one after those before it; null for one-token answers.",
        resolve: (row) => read(row).fullAnswerTop1,
      }),
      topTokens: t.field({
        ...content,
        type: [TopToken],
        description: "The most probable tokens.",
        resolve: (row) => read(row).topTokens,
      }),
    };
  },
});
