import type { Difference } from "@recallscope/engine";
import { builder } from "../builder.ts";

export const RunDifference = builder.objectRef<Difference>("RunDifference").implement({
  description: "Something in which compared runs differ besides the axis.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "What, e.g. `known-fact filter`." }),
    values: t.exposeStringList("values", { description: "Of each run, in their order." }),
    why: t.exposeString("why", { description: "What it means for the comparison." }),
    prevents: t.exposeBoolean("prevents", {
      description: "Whether the numbers do not mean the same, so that comparing them misleads.",
    }),
  }),
});
