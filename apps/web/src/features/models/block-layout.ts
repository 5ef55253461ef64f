/** Where the hook points of a block stand in its diagram, in pixels of a drawing of `WIDTH` x `HEIGHT`; centres. */
export const WIDTH = 960;
export const HEIGHT = 352;
/** Height of the residual stream. */
export const STREAM = 272;
/** Where attention and MLP write into it. */
export const ADDS = { attention: 452, mlp: 806 } as const;

type Place = readonly [x: number, y: number];

/** By the point's name without `blocks.{l}.`. */
export const PLACES: Readonly<Record<string, Place>> = {
  hook_embed: [70, 328],
  hook_pos_embed: [164, 328],
  hook_resid_pre: [70, STREAM],
  hook_q_input: [146, 56],
  hook_k_input: [146, 104],
  hook_v_input: [146, 152],
  "ln1.hook_scale": [212, 208],
  "attn.hook_q": [258, 56],
  "attn.hook_k": [258, 104],
  "attn.hook_v": [258, 152],
  "attn.hook_pattern": [326, 80],
  "attn.hook_z": [388, 116],
  "attn.hook_result": [ADDS.attention, 116],
  "ln1_post.hook_scale": [ADDS.attention, 162],
  hook_attn_out: [ADDS.attention, 212],
  hook_resid_mid: [540, STREAM],
  hook_mlp_in: [592, 152],
  "ln2.hook_scale": [654, 208],
  "mlp.hook_pre": [706, 152],
  "mlp.hook_post": [ADDS.mlp, 152],
  hook_mlp_out: [ADDS.mlp, 212],
  hook_resid_post: [896, STREAM],
  "ln_final.hook_scale": [884, 328],
};

/** How a block is built, as the API says it. */
export interface BlockForm {
  blocks: string;
  postNorm: string;
}

export interface Drawing {
  /** SVG paths of what flows. */
  flows: string[];
  /** Norms: a bar at this place, standing across what flows. */
  norms: { x: number; y: number; across: "branch" | "stream" }[];
}

const line = (...points: Place[]): string => `M${points.map(([x, y]) => `${x} ${y}`).join(" L")}`;
const at = (point: string): Place => {
  const place = PLACES[point];
  if (!place) throw new Error(`no place for the hook point ${point}`);
  return place;
};
const between = (...points: string[]): string => line(...points.map(at));

/** The lines of a block: sequential or parallel; with norms before what reads the stream, on what is added, or on the stream. */
export function drawBlock({ blocks, postNorm }: BlockForm): Drawing {
  const parallel = blocks === "parallel";
  const onStream = postNorm === "stream";
  const [mlpX, mlpY] = at("hook_mlp_in");
  const fork = 104;
  const mlpReads: Place[] = parallel
    ? [
        [fork, STREAM],
        [fork, 242],
        [mlpX, 242],
        [mlpX, mlpY],
      ]
    : [
        [mlpX, STREAM],
        [mlpX, mlpY],
      ];
  const inputs = ["hook_q_input", "hook_k_input", "hook_v_input"].map((point): string => {
    const [x, y] = at(point);
    return line([fork, STREAM], [fork, y], [x, y], [258, y]);
  });
  return {
    flows: [
      line([20, STREAM], [WIDTH - 20, STREAM]),
      line(at("hook_embed"), at("hook_resid_pre")),
      line(at("hook_pos_embed"), [164, 302], [70, 302]),
      line([896, STREAM], [896, 328]),
      ...inputs,
      line(at("attn.hook_q"), [326, 56], at("attn.hook_pattern")),
      line(at("attn.hook_k"), [326, 104], at("attn.hook_pattern")),
      line(at("attn.hook_pattern"), [388, 80], at("attn.hook_z")),
      line(at("attn.hook_v"), [388, 152], at("attn.hook_z")),
      between("attn.hook_z", "attn.hook_result"),
      line(at("attn.hook_result"), [ADDS.attention, STREAM]),
      line(...mlpReads),
      between("hook_mlp_in", "mlp.hook_pre", "mlp.hook_post"),
      line(at("mlp.hook_post"), [ADDS.mlp, STREAM]),
    ],
    norms: [
      ...(onStream
        ? [
            { x: 488, y: STREAM, across: "stream" as const },
            { x: 846, y: STREAM, across: "stream" as const },
          ]
        : [
            { x: 212, y: 56, across: "stream" as const },
            { x: 212, y: 104, across: "stream" as const },
            { x: 212, y: 152, across: "stream" as const },
            { x: 654, y: 152, across: "stream" as const },
          ]),
      ...(postNorm === "output"
        ? [
            { x: ADDS.attention, y: 186, across: "branch" as const },
            { x: ADDS.mlp, y: 182, across: "branch" as const },
          ]
        : []),
    ],
  };
}
