import type { PromptAttention } from "../../live/attention.ts";
import { builder } from "../builder.ts";
import { finiteOrNull } from "../labeled-array.ts";
import { LiveToken } from "./token.ts";

export const LiveAttentionType = builder.objectRef<PromptAttention>("LiveAttention").implement({
  description: "Where one head looks in the prompt.",
  fields: (t) => ({
    label: t.string({ description: "E.g. L9H8.", resolve: ({ layer, head }) => `L${layer}H${head}` }),
    layer: t.exposeInt("layer", { description: "Layer." }),
    head: t.exposeInt("head", { description: "Head." }),
    tokens: t.expose("tokens", { type: [LiveToken], description: "Tokens of the prompt." }),
    pattern: t.field({
      type: ["Float"],
      description:
        "Softmax weights, row-major: destination (the position that looks) x source. Each row sums to 1; nothing after the destination is seen.",
      resolve: ({ pattern }) => [...pattern],
    }),
    valueNorms: t.field({
      type: ["Float"],
      description: "Of each source |v_j W_O|: how much there is to be read.",
      resolve: ({ valueNorms }) => [...valueNorms],
    }),
    valueWeighted: t.field({
      type: ["Float"],
      nullable: { list: false, items: true },
      description:
        "Weight x |v_j W_O| as share of its row's sum, laid out like `pattern`: a head can look at a token that gives it nothing. Null where a row gives nothing at all.",
      resolve: ({ valueWeighted }) => Array.from(valueWeighted, finiteOrNull),
    }),
    attentionToSubject: t.float({
      nullable: true,
      description:
        "Sum of the last position's weights on the subject's tokens; what runs average as `attentionToSubject`. Null for a text of one's own.",
      resolve: ({ toSubject }) => toSubject?.attention,
    }),
    valueWeightedShare: t.float({
      nullable: true,
      description: "The same of `valueWeighted`; what runs average as `valueWeightedShare`.",
      resolve: ({ toSubject }) => toSubject && finiteOrNull(toSubject.valueWeighted),
    }),
  }),
});
