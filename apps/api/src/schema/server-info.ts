import { ENGINE_VERSION, SEMANTICS_VERSION } from "@recallscope/engine";
import { builder } from "./builder.ts";

const ServerInfo = builder
  .objectRef<{ engineVersion: string; semanticsVersion: number }>("ServerInfo")
  .implement({
    description: "What answers.",
    fields: (t) => ({
      engineVersion: t.exposeString("engineVersion", { description: "Version of its engine." }),
      semanticsVersion: t.exposeInt("semanticsVersion", {
        description:
          "Counts up when a hook or metric changes its meaning: runs of different semantics are not compared.",
      }),
    }),
  });

builder.queryFields((t) => ({
  server: t.field({
    type: ServerInfo,
    description: "Versions of this server, for programs that must fit to it.",
    resolve: () => ({ engineVersion: ENGINE_VERSION, semanticsVersion: SEMANTICS_VERSION }),
  }),
}));
