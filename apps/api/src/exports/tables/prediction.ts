import type { RunReport } from "@recallscope/engine";
import { boolean, estimate, fill, integer, list, number, type Table, text } from "../table.ts";

type Prompt = RunReport["prompts"][number];
type Facts = RunReport["task"]["facts"];

export const factsTable = ({ task }: RunReport): Table =>
  fill<Facts[number]>(
    { name: "facts", title: "Facts that were asked" },
    [
      integer("fact", "place among the admitted facts", (f) => f.index),
      text("subject", "what was asked about", (f) => f.subject),
      text("answer", "the right answer", (f) => f.answer),
      integer("answer_token", "id of the answer's first token", (f) => f.answerToken),
      boolean("multi_token", "whether the answer has more tokens", (f) => f.multiToken),
      number("known_share", "share of its prompts on which the known filter holds", (f) => f.knownShare),
      boolean("known", "whether that share is at least one half", (f) => f.known),
      text("donor", "subject that replaces this one in corrupted prompts", (f) => f.donor),
    ],
    task.facts,
  );

export const droppedTable = ({ task }: RunReport): Table =>
  fill<RunReport["task"]["dropped"][number]>(
    { name: "dropped-facts", title: "Facts that were left out" },
    [
      text("subject", "subject", (f) => f.subject),
      text("answer", "answer", (f) => f.answer),
      text("reason", "why it is left out", (f) => f.reason),
    ],
    task.dropped,
  );

export const promptsTable = ({ prompts, task }: RunReport): Table =>
  fill<Prompt>(
    { name: "prompts", title: "Prompts, and what the model made of each" },
    [
      integer("prompt", "place in the run", (p) => p.index),
      integer("fact", "place of its fact among the admitted facts", (p) => p.fact),
      text("subject", "what is asked about", (p) => task.facts[p.fact]!.subject),
      text("answer", "the right answer", (p) => task.facts[p.fact]!.answer),
      text("frame", "clause/lead-in", (p) => p.frame),
      text("text", "what the model read", (p) => p.text),
      list("tokens", "token ids", (p) => p.tokens),
      list("token_texts", "texts of the tokens", (p) => p.tokenTexts),
      integer("subject_start", "first position of the subject", (p) => p.subjectSpan[0]),
      integer("subject_end", "position after the subject's last", (p) => p.subjectSpan[1]),
      boolean("known", "whether its fact is known", (p) => p.known),
      integer("rank", "rank of the answer among all tokens; 0 = top", (p) => p.rank),
      integer("candidate_rank", "rank among the task's answers; 0 = top", (p) => p.candidateRank),
      number("probability", "probability of the answer's first token", (p) => p.probability),
      number("log_prob", "its logarithm, in nats", (p) => p.logProb),
      number("centred_logit", "the answer's logit minus the vocabulary's mean", (p) => p.centredLogit),
      boolean(
        "full_answer_top1",
        "all tokens of the answer on top when forced; empty for one token",
        (p) => p.fullAnswerTop1,
      ),
      list("top_tokens", "most probable tokens: token, text, probability", (p) => p.topTokens),
    ],
    prompts,
  );

export function lensTable({ prediction: { lens } }: RunReport): Table {
  const rows = (["answer", "subject"] as const).flatMap((of) =>
    lens.states.map((state, i) => ({ of, state, i, track: lens[of] })),
  );
  return fill<(typeof rows)[number]>(
    { name: "lens", title: "Logit lens at the last position" },
    [
      text("of", "which token is looked for: answer or subject", (r) => r.of),
      text("state", "state of the residual stream", ({ state }) => state.label),
      integer("layer", "layer", ({ state }) => state.layer),
      text("point", "pre, mid or post", ({ state }) => state.point),
      number("depth", "0 = embedding, 1 = last state", ({ state }) => state.depth),
      number("median_rank", "median rank; 0 = top", ({ track, i }) => track.medianRank[i]!),
      estimate(
        "centred_logit",
        "logit minus the vocabulary's mean",
        ({ track, i }) => track.centredLogit[i]!,
      ),
      estimate("probability", "probability", ({ track, i }) => track.probability[i]!),
    ],
    rows,
  );
}

export const attributionTable = ({ prediction }: RunReport): Table =>
  fill<Component>(
    { name: "logit-attribution", title: "Direct logit attribution" },
    [
      text("component", "what writes into the residual stream", (c) => c.label),
      text("kind", "embed, head, attn_bias or mlp", (c) => c.kind),
      integer("layer", "layer", (c) => c.layer),
      integer("head", "head", (c) => c.head),
      estimate(
        "answer",
        "to the answer against the mean of the other candidates, in logits",
        (c) => c.answer,
      ),
      estimate("centred", "to the answer against the vocabulary's mean, in logits", (c) => c.centred),
    ],
    prediction.directLogitAttribution.components,
  );
type Component = RunReport["prediction"]["directLogitAttribution"]["components"][number];
