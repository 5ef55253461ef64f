/** What a figure shows, in one place: title, unit, meaning, formula and where the definition comes from. */
export interface Explanation {
  title: string;
  unit: string;
  meaning: string;
  formula: string;
  source: string;
}

const RECALL = "Lv et al. 2024, arXiv 2403.19521";
const PATCHING = "Activation patching: Vig et al. 2020; Wang et al. 2022 (arXiv 2211.00593)";

const patching = (title: string, meaning: string, formula: string): Explanation => ({
  title,
  unit: "normalised effect: 0 = corrupted, 1 = clean",
  meaning,
  formula,
  source: PATCHING,
});

export const EXPLANATIONS = {
  accuracy: {
    title: "Top-1 accuracy",
    unit: "share of prompts, with the 95 % interval over facts",
    meaning:
      "How often the answer's first token is the model's first choice among all tokens, over all facts that can be asked of it.",
    formula: "top-1 = mean over facts of the share of their prompts with rank(answer) = 0",
    source: "Bootstrap clustered by fact; n counts facts",
  },
  lens: {
    title: "Logit lens of subject and answer",
    unit: "read at the last position after every half layer",
    meaning:
      "What the model would predict if it stopped at this state. A subject that rises first and gives way to the answer is the signature of argument passing followed by function application.",
    formula: "lens(x, v) = ⟨N(x), u_v⟩ + b_v\nN: the final norm, with x's own scale",
    source: "nostalgebraist 2020, logit lens",
  },
  directLogitAttribution: {
    title: "Direct logit attribution",
    unit: "logits, answer against the mean of the task's other candidates",
    meaning:
      "What each component writes into the last position, read straight through the unembedding with the final norm's scale frozen. The contributions add up to the logits exactly; the error of that sum is the completeness error.",
    formula:
      "DLA(c, v) = ⟨g · (c − mean c) / σ_final, u_v − ū⟩\nshown: DLA(c, answer) − mean over other candidates",
    source: "Elhage et al. 2021, A mathematical framework for transformer circuits",
  },
  mlpAttribution: {
    title: "MLPs by layer",
    unit: "logits, answer against the mean of the task's other candidates",
    meaning:
      "Direct logit attribution of every MLP. The largest one is the headline layer of the decomposition.",
    formula: "DLA(m^l, answer) − mean over other candidates",
    source: RECALL,
  },
  effect: patching(
    "Patching effect",
    "How much of the answer passes through this head at the last position: the mean of noising and denoising under subject corruption. Heads are ranked by it; movers carry a dot.",
    "effect = (noising + denoising) / 2\nmover: q < 0.05, interval above 0, effect ≥ 0.02",
  ),
  noising: patching(
    "Noising",
    "The clean run with this head's output at the last position replaced by that of the corrupted run. High: without the head's clean output the answer is lost.",
    "(M_clean − M[z ← corrupted]) / (M_clean − M_corrupted)\nratio of means over pairs, M = logit(y) − logit(y′)",
  ),
  denoising: patching(
    "Denoising",
    "The corrupted run with this head's output at the last position replaced by that of the clean run. High: the head's clean output alone restores the answer.",
    "(M[corrupted run, z ← clean] − M_corrupted) / (M_clean − M_corrupted)\nratio of means over pairs",
  ),
  attentionToSubject: {
    title: "Attention to the subject",
    unit: "share of the last position's attention",
    meaning: "How much of this head's attention at the last position goes to the subject's tokens.",
    formula: "Σ over subject positions j of attention[last, j]",
    source: RECALL,
  },
  valueWeightedShare: {
    title: "Value-weighted share",
    unit: "share of what the head writes",
    meaning:
      "Share of the head's output that comes from the subject's tokens. Attention parked on a token with a tiny value vector does not count here.",
    formula: "Σ_subject |a_j · v_j W_O|  /  Σ_all |a_j · v_j W_O|",
    source: "Kobayashi et al. 2020, Attention is not only a weight",
  },
  dlaSubject: {
    title: "Writes the subject",
    unit: "logits, against the vocabulary's mean",
    meaning: "Direct logit attribution of the head to the subject's token: an argument passer is high here.",
    formula: "⟨g (a − mean a) / σ_final, u_subject − mean u⟩",
    source: RECALL,
  },
  dlaAnswer: {
    title: "Writes the answer",
    unit: "logits, against the vocabulary's mean",
    meaning: "Direct logit attribution of the head to the answer: an attribute extractor is high here.",
    formula: "⟨g (a − mean a) / σ_final, u_answer − mean u⟩",
    source: "Chughtai et al. 2024, arXiv 2402.07321",
  },
  weights: {
    title: "What the MLP does with each head",
    unit: "w: 0 = untouched, above 0 amplified, −1 = erased, below −1 inverted",
    meaning:
      "The MLP's output is regressed on the heads' outputs with one scalar weight per head and one intercept vector per task. What a head wrote is carried on as 1 + w times itself. The figure shows w, the table 1 + w.",
    formula:
      "m_n = Σ_k w_k x_{n,k} + b + e_n\nw: within-task least squares over all coordinates; intervals clustered by fact",
    source: `${RECALL}; estimator: within (fixed effects) regression`,
  },
  r2: {
    title: "How much the decomposition explains",
    unit: "R² of the MLP's output around its task mean",
    meaning:
      "Within: on the facts it was fitted to. Held out: on facts it never saw (5 × 5 grouped folds); only this one says that the weights generalise. It may be negative.",
    formula: "R² = 1 − Σ|m − (Xw + b)|² / Σ|m − mean m|²",
    source: "Cross-validation grouped by fact",
  },
  intercept: {
    title: "What the intercept promotes",
    unit: "logits under the frozen final norm",
    meaning:
      "The intercept is the part of the MLP's output that is the same for all facts of the task, read out through the unembedding. It can promote the type of answer (capitals at large), never the right one among them.",
    formula: "⟨g · b / σ, u_v − ū⟩",
    source: RECALL,
  },
  typeGain: {
    title: "Does the intercept beat the mean output?",
    unit: "logits, mean over the task's candidates",
    meaning:
      "Type gain of the intercept beside that of the plain mean MLP output. Where the two lines coincide the regression adds nothing.",
    formula: "typeGain(b) = mean over candidates y of ⟨g · b / σ, u_y − ū⟩",
    source: RECALL,
  },
  finalSplit: {
    title: "What the final layer does to the answer",
    unit: "nats, change of the answer's log-probability",
    meaning:
      "The change from the lens before the final layer to the model's output, split exactly into the share of the heads, of the MLP and of the norm's scale. Negative: the layer holds the answer back.",
    formula:
      "Δ log p = log p_final(y) − log p_lens(r_pre)(y)\nparts: Shapley values over {heads, MLP, scale}, 8 evaluations",
    source: RECALL,
  },
  finalHeads: {
    title: "Final-layer heads",
    unit: "logits written on the answer",
    meaning:
      "Direct logit attribution of each head of the final layer. An answer suppressor writes against the answer and less so against the other candidates.",
    formula: "DLA(a^{L−1,h}, answer)",
    source: `${RECALL}; McDougall et al. 2023, copy suppression`,
  },
  sweep: {
    title: "Scaling the final layer",
    unit: "α = 1 is the model as it is, 0 removes the part",
    meaning:
      "The final layer's heads, its MLP or both are scaled by α. A mechanism that holds answers back shows a peak below 1.",
    formula: "r = r_pre + α_A Σ_h a_h + α_M m",
    source: RECALL,
  },
  sweepGain: {
    title: "Gain at the best α, on facts it was not chosen on",
    unit: "nats, log-probability of the answer on test facts",
    meaning:
      "α is chosen on train facts and judged on test facts, beside the temperature that does best on the same train facts. A temperature changes confidence but never the order of tokens: a mitigation that does not beat it only rescales confidence.",
    formula: "mean log p(y; α*) − mean log p(y; 1) on test facts",
    source: "Baseline: temperature scaling, Guo et al. 2017",
  },
  headMass: {
    title: "Where the head effects lie",
    unit: "share of the sum of |patching effect|, by layer",
    meaning:
      "How much of all heads' patching effects each layer holds. The mark on the axis is the centre of mass, with its 95 % interval over facts; over many idle heads noise pulls it towards the middle.",
    formula:
      "share(l) = Σ_h |e(l,h)| / Σ |e|\ncentre of mass = Σ share(l) · (l + ½) / L\nhead of layer l of L at depth (l + ½) / L",
    source: RECALL,
  },
  headMassCumulative: {
    title: "Head effects summed over depth",
    unit: "share of the sum of |patching effect|, up to a layer",
    meaning:
      "The area between two of these curves is how far their head effects lie apart in depth: 0 where they are alike, 1 for the first against the last layer.",
    formula:
      "cumulative(l) = Σ_{k ≤ l} share(k)\ndistance = ∫ |cumulative_A − cumulative_B| over depth (Wasserstein 1)",
    source: RECALL,
  },
  headOverlap: {
    title: "Which top heads runs of one model share",
    unit: "Jaccard index of the top heads, against chance",
    meaning:
      "The k heads with the largest effects of each run, and how many are in both: 1 the same heads, 0 none. Sets drawn by chance share a little too; the p-value says how often they share as much. Heads of different models do not correspond and are not counted here.",
    formula:
      "k = max(10, 2 % of all heads); heads with an effect above 0 only\nJaccard = |A ∩ B| / |A ∪ B|\nchance = q / (a + b − q), q = a b / (L H); p: hypergeometric",
    source: RECALL,
  },
  headMatching: {
    title: "Heads that do alike",
    unit: "distance of profiles, in standard deviations",
    meaning:
      "Heads of two models matched by what they do: depth, attention to the subject, attribution to subject and answer, patching effect. A pair does alike; it is never the same head. Any two models have a cheapest matching, so its cost is held against shuffled profiles.",
    formula:
      "profiles z-scored over both models; least mean distance (Hungarian assignment)\np = (1 + shuffles at most as cheap) / (1 + shuffles)",
    source: RECALL,
  },
  prompts: {
    title: "Every prompt",
    unit: "probability of the answer's first token",
    meaning: "One dot per prompt, by frame: the clause that asks and the sentence before it.",
    formula: "p(y | prompt)",
    source: "Forward pass of the unchanged model",
  },
} as const satisfies Record<string, Explanation>;
