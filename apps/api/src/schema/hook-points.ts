import { absence, HOOK_POINTS, type HookPoint, type ModelSummary } from "@recallscope/engine";
import { builder } from "./builder.ts";
import { ModelSummaryType } from "./model-summary.ts";

interface PointOfModel {
  point: HookPoint;
  absent: string | null;
}

const HookPointType = builder.objectRef<PointOfModel>("HookPoint").implement({
  description: "A place in the model where an activation can be read or changed.",
  fields: (t) => ({
    name: t.string({
      description: "Its name, with `{l}` for the layer where every block has one.",
      resolve: ({ point }) => (HOOK_POINTS[point].scope === "block" ? `blocks.{l}.${point}` : point),
    }),
    inEachBlock: t.boolean({
      description: "Whether every block has one.",
      resolve: ({ point }) => HOOK_POINTS[point].scope === "block",
    }),
    dims: t.stringList({
      description:
        "Its axes after that of positions: d_model, head, kv_head, d_head, d_mlp, query, key, one.",
      resolve: ({ point }) => [...HOOK_POINTS[point].dims],
    }),
    editable: t.boolean({
      description: "Whether an edit can change it.",
      resolve: ({ point }) => HOOK_POINTS[point].editable,
    }),
    reads: t.string({
      nullable: true,
      description:
        "The point it holds before an edit: an input of one component alone, which the residual stream does not see. Null for points with a value of their own.",
      resolve: ({ point }) => {
        const row = HOOK_POINTS[point];
        return "reads" in row ? row.reads : null;
      },
    }),
    absent: t.exposeString("absent", {
      nullable: true,
      description: "Why this model has no such point; null: it has.",
    }),
  }),
});

/** What summaries of before other forms of blocks were known leave out. */
const formOf = ({ form }: ModelSummary) => ({
  block: form?.block ?? ("serial" as const),
  postNorm: form?.postNorm ?? ("none" as const),
});

builder.objectField(ModelSummaryType, "hookPoints", (t) =>
  t.field({
    type: [HookPointType],
    description: "All hook points, in the order of a forward pass; those that this model lacks say why.",
    resolve: (summary) =>
      (Object.keys(HOOK_POINTS) as HookPoint[]).map((point) => ({
        point,
        absent: absence(point, formOf(summary)),
      })),
  }),
);
