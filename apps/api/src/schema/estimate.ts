import type { Estimate } from "@recallscope/engine";
import { builder } from "./builder.ts";

export const EstimateType = builder.objectRef<Estimate>("Estimate").implement({
  description: "A number with its uncertainty over facts.",
  fields: (t) => ({
    value: t.exposeFloat("value", {
      nullable: true,
      description: "The number; null means not observed, and `reason` says why.",
    }),
    low: t.exposeFloat("low", {
      nullable: true,
      description:
        "Lower bound of the 95 % interval (percentile bootstrap clustered by fact); null with fewer than two facts, and in `Run.soFar`.",
    }),
    high: t.exposeFloat("high", { nullable: true, description: "Upper bound of the 95 % interval." }),
    n: t.exposeInt("n", { description: "Facts behind the number; prompts are never the unit." }),
    reason: t.exposeString("reason", {
      nullable: true,
      description: "Why there is no value, or no interval.",
    }),
  }),
});

export const ErrorInfo = builder.objectRef<{ code: string; message: string }>("ErrorInfo").implement({
  description: "Why something failed.",
  fields: (t) => ({
    code: t.exposeString("code", { description: "Stable code, the same as in `extensions.code` of errors." }),
    message: t.exposeString("message", { description: "What, where, and the way out." }),
  }),
});

export const errorInfo = (code: string | null, message: string | null) =>
  code === null ? null : { code, message: message ?? "" };
