import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";
import { type NamedArray, writeSafetensors } from "../../src/checkpoints/safetensors-writer.ts";

/** Numbers by feature name; what is not named is 0. */
export type Vector = Readonly<Record<string, number>>;

/** One attention head: from a token with the `end` feature it looks at the key with feature `key` (score ln 27), else uniformly. */
export interface FeatureHead {
  key: string | null;
  /** OV map: adds `gain` times what it reads of `from` to `to`. */
  ov: readonly { from: string; to: string; gain: number }[];
}
export interface FeatureNeuron {
  in: Vector;
  bias: number;
  out: Vector;
}
export interface FeatureBlock {
  heads: readonly FeatureHead[];
  /** ReLU MLP. */
  neurons: readonly FeatureNeuron[];
  /** Bias of W_out. */
  mlpBias?: Vector;
}

/** A transformer in words: what its residual stream holds has names, and each weight says from where to where. */
export interface FeatureModel {
  features: readonly string[];
  /** Feature of the last token that heads query with. */
  end: string;
  /** Vocabulary in order of ids. The first is the start token. */
  tokens: readonly { text: string; embed: Vector; unembed: Vector }[];
  blocks: readonly FeatureBlock[];
}

/** Score ln 27 against three keys of score 0 gives attention 27 / 30 = 0.9. */
const SCORE = Math.log(27);
const POSITIONS = 64;
/** The ballast B: LayerNorm then is the identity up to |x|^2 / (2 B^2), about 2e-7 for the models of known answer. */
const BALLAST = 8192;

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/**
 * Writes a feature model as an OPT checkpoint (config.json, model.safetensors, tokenizer.json) to a temporary folder that goes away after
 * the test file. A feature is a pair of coordinates (x, -x), so that means are 0; the last pair of coordinates is a ballast (+B, -B) that
 * every token has; the gain B sqrt(2 / d) of every LayerNorm then makes LN(x) = x. Learned positions are all zero; the unembedding is not tied.
 */
export async function writeFeatureModel(model: FeatureModel, ballast = BALLAST): Promise<string> {
  const heads = model.blocks[0]!.heads.length;
  const layout = new Layout(model, heads, ballast);
  const { width } = layout;
  const neurons = Math.max(1, ...model.blocks.map((block) => block.neurons.length));
  const tensors: NamedArray[] = [];
  const add = (
    name: string,
    shape: number[],
    data: Float64Array = new Float64Array(shape.reduce((a, b) => a * b, 1)),
  ) => tensors.push({ name, shape, data: Float32Array.from(data) });
  const norm = (name: string) => {
    add(`${name}.weight`, [width], new Float64Array(width).fill(ballast * Math.sqrt(2 / width)));
    add(`${name}.bias`, [width]);
  };

  const rows = (pick: (token: FeatureModel["tokens"][number]) => Float64Array) =>
    Float64Array.from(model.tokens.flatMap((token) => [...pick(token)]));
  const decoder = "model.decoder";
  add(
    `${decoder}.embed_tokens.weight`,
    [model.tokens.length, width],
    rows(({ embed }) => layout.withBallast(layout.write(embed))),
  );
  add(`${decoder}.embed_positions.weight`, [POSITIONS + 2, width]);
  for (const [l, block] of model.blocks.entries()) {
    if (block.heads.length !== heads)
      throw new RangeError(`layer ${l}: ${block.heads.length} heads (expected ${heads})`);
    const name = `${decoder}.layers.${l}`;
    norm(`${name}.self_attn_layer_norm`);
    for (const [part, weights] of Object.entries(attention(model, block, layout))) {
      add(`${name}.self_attn.${part}.weight`, [width, width], weights);
      add(`${name}.self_attn.${part}.bias`, [width]);
    }
    norm(`${name}.final_layer_norm`);
    const [fc1, bias1, fc2] = [
      new Float64Array(neurons * width),
      new Float64Array(neurons),
      new Float64Array(width * neurons),
    ];
    for (const [n, neuron] of block.neurons.entries()) {
      fc1.set(layout.read(neuron.in), n * width);
      bias1[n] = neuron.bias;
      for (const [d, value] of layout.write(neuron.out).entries()) fc2[d * neurons + n] = value;
    }
    add(`${name}.fc1.weight`, [neurons, width], fc1);
    add(`${name}.fc1.bias`, [neurons], bias1);
    add(`${name}.fc2.weight`, [width, neurons], fc2);
    add(`${name}.fc2.bias`, [width], layout.write(block.mlpBias ?? {}));
  }
  norm(`${decoder}.final_layer_norm`);
  add(
    "lm_head.weight",
    [model.tokens.length, width],
    rows(({ unembed }) => layout.read(unembed)),
  );

  const folder = mkdtempSync(path.join(tmpdir(), "recallscope-synthetic-"));
  folders.push(folder);
  await writeSafetensors(path.join(folder, "model.safetensors"), tensors, { format: "pt" });
  const json = (file: string, value: object) => writeFileSync(path.join(folder, file), JSON.stringify(value));
  json("config.json", config(model, width, heads, neurons));
  json("tokenizer.json", wordLevel(model.tokens.map(({ text }) => text)));
  json("tokenizer_config.json", {
    tokenizer_class: "PreTrainedTokenizerFast",
    bos_token: model.tokens[0]!.text,
  });
  return folder;
}

/** Where features stand in d_model. */
class Layout {
  readonly width: number;
  readonly headWidth: number;
  private readonly place: ReadonlyMap<string, number>;

  constructor(
    { features, blocks }: FeatureModel,
    heads: number,
    private readonly ballast: number,
  ) {
    const widest = Math.max(1, ...blocks.flatMap((block) => block.heads.map(({ ov }) => ov.length)));
    const needed = Math.max(2 * (features.length + 1), heads * widest);
    this.width = Math.ceil(needed / (2 * heads)) * 2 * heads;
    this.headWidth = this.width / heads;
    this.place = new Map(features.map((feature, i) => [feature, 2 * i]));
  }

  /** The vector that adds the given features to the residual stream. */
  write(vector: Vector): Float64Array {
    return this.vector(vector, 1);
  }

  /** The vector whose product with the residual stream gives the given combination of features. */
  read(vector: Vector): Float64Array {
    return this.vector(vector, 0.5);
  }

  withBallast(vector: Float64Array): Float64Array {
    vector[this.width - 2] = this.ballast;
    vector[this.width - 1] = -this.ballast;
    return vector;
  }

  private vector(vector: Vector, unit: number): Float64Array {
    const out = new Float64Array(this.width);
    for (const [feature, value] of Object.entries(vector)) {
      const at = this.place.get(feature);
      if (at === undefined) throw new RangeError(`unknown feature: ${feature}`);
      out[at] = unit * value;
      out[at + 1] = -unit * value;
    }
    return out;
  }
}

/** W_Q, W_K, W_V, W_O of a block, each `[out, in]`. Each pair of an OV map takes one coordinate of its head. */
function attention(model: FeatureModel, block: FeatureBlock, layout: Layout) {
  const { width, headWidth } = layout;
  const matrix = () => new Float64Array(width * width);
  const [q_proj, k_proj, v_proj, out_proj] = [matrix(), matrix(), matrix(), matrix()];
  for (const [h, head] of block.heads.entries()) {
    const first = h * headWidth;
    if (head.key !== null) {
      q_proj.set(layout.read({ [model.end]: SCORE * Math.sqrt(headWidth) }), first * width);
      k_proj.set(layout.read({ [head.key]: 1 }), first * width);
    }
    for (const [i, { from, to, gain }] of head.ov.entries()) {
      v_proj.set(layout.read({ [from]: 1 }), (first + i) * width);
      for (const [d, value] of layout.write({ [to]: gain }).entries())
        out_proj[d * width + first + i] = value;
    }
  }
  return { q_proj, k_proj, v_proj, out_proj };
}

const config = ({ tokens, blocks }: FeatureModel, width: number, heads: number, neurons: number) => ({
  architectures: ["OPTForCausalLM"],
  model_type: "opt",
  hidden_size: width,
  word_embed_proj_dim: width,
  num_hidden_layers: blocks.length,
  num_attention_heads: heads,
  ffn_dim: neurons,
  vocab_size: tokens.length,
  max_position_embeddings: POSITIONS,
  activation_function: "relu",
  do_layer_norm_before: true,
  _remove_final_layer_norm: false,
  enable_bias: true,
  layer_norm_elementwise_affine: true,
  tie_word_embeddings: false,
  bos_token_id: 0,
  eos_token_id: 0,
  pad_token_id: 0,
  dropout: 0,
  torch_dtype: "float32",
});

/** Words between spaces; the first word of the vocabulary is the start token that stands before every text. */
const wordLevel = (words: readonly string[]) => {
  const start = words[0]!;
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [
      {
        id: 0,
        content: start,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      },
    ],
    normalizer: null,
    pre_tokenizer: { type: "WhitespaceSplit" },
    post_processor: {
      type: "TemplateProcessing",
      single: [{ SpecialToken: { id: start, type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
      pair: [],
      special_tokens: { [start]: { id: start, ids: [0], tokens: [start] } },
    },
    decoder: null,
    model: {
      type: "WordLevel",
      vocab: Object.fromEntries(words.map((word, id) => [word, id])),
      unk_token: start,
    },
  };
};
