import type { Explanation } from "@/features/explanations.ts";

const ONE_PROMPT = "One prompt is one observation: there is no interval.";

export const LIVE_EXPLANATIONS = {
  attention: {
    title: "Attention from the last position",
    unit: "share of the head's attention; each row sums to 100 %",
    meaning: `Where this head looks when the answer is due. A head can look at a token that gives it nothing: value-weighted, each weight counts as much as the head then writes. ${ONE_PROMPT}`,
    formula: "att_ij = softmax_j(q_i · k_j / √d)\nvalue-weighted: att_ij |v_j W_O| / Σ_j att_ij |v_j W_O|",
    source: "Kobayashi et al. 2020, Attention is not only a weight (arXiv 2004.10102)",
  },
  matrix: {
    title: "Whole pattern",
    unit: "share of attention, destination in rows, source in columns",
    meaning: `What the head looks at from every position, not from the last one alone. ${ONE_PROMPT}`,
    formula: "row i: att_ij over sources j ≤ i\nvalue-weighted: att_ij |v_j W_O| / Σ_j att_ij |v_j W_O|",
    source: "Elhage et al. 2021, A mathematical framework for transformer circuits",
  },
  positions: {
    title: "Patching effect by position",
    unit: "normalised effect: 0 = corrupted, 1 = clean",
    meaning: `How much of the answer passes through each place: the mean of noising and denoising, this prompt against its counterfactual. Before the subject both prompts are the same, so the effect there is 0. ${ONE_PROMPT}`,
    formula:
      "effect = (noising + denoising) / 2\nnoising = (M_clean − M[clean run, x ← corrupted]) / (M_clean − M_corrupted)\ndenoising = (M[corrupted run, x ← clean] − M_corrupted) / (M_clean − M_corrupted)\nM = logit(answer) − logit(the counterfactual's answer)",
    source: "Activation patching: Vig et al. 2020; Wang et al. 2022 (arXiv 2211.00593)",
  },
  flow: {
    title: "From subject to answer",
    unit: "share of M_clean − M_corrupted that each connection carries",
    meaning: `Each connection is an experiment of its own, so those at a node need not add up. Subject → head: all that the subject does through the head. Head → answer: what the head itself writes. Head → MLP: what reaches the answer through that MLP's input. MLP → answer: what the MLP itself writes, whoever told it. ${ONE_PROMPT}`,
    formula:
      "share = (M_clean − M_patched) / (M_clean − M_corrupted)\nsubject → head: z of the head ← corrupted, everything after it follows\nhead → answer, MLP → answer: path patching to the final residual stream, attention and MLPs frozen\nhead → MLP: path patching to the MLP's input, frozen up to there, everything after it follows",
    source: "Path patching: Wang et al. 2022; Goldowsky-Dill et al. 2023 (arXiv 2304.05969)",
  },
} satisfies Record<string, Explanation>;
