import { type Pruned, pruneStore } from "../runs/prune-store.ts";
import { builder } from "./builder.ts";
import { ADMIN_ONLY } from "./roles.ts";

const PruneStoreInput = builder.inputType("PruneStoreInput", {
  description: "What may go.",
  fields: (t) => ({
    olderThanDays: t.int({
      required: true,
      description: "Runs that ended, and events that happened, so many days ago: 1 to 36500.",
    }),
    keepTagged: t.boolean({ description: "Leave runs that have a tag; default true." }),
    events: t.boolean({ description: "Also remove events; default false." }),
    dryRun: t.boolean({ description: "Only count, and remove nothing; default true." }),
  }),
});

const PruneStorePayload = builder.objectRef<Pruned & { dryRun: boolean }>("PruneStorePayload").implement({
  description: "What went, or would go.",
  fields: (t) => ({
    dryRun: t.exposeBoolean("dryRun", { description: "Whether nothing was removed." }),
    runs: t.exposeInt("runs", { description: "Runs that were removed, or would be." }),
    keptTagged: t.exposeInt("keptTagged", { description: "Runs as old that stay for their tags." }),
    keptNamed: t.exposeInt("keptNamed", {
      description: "Runs as old that stay because a study or a saved comparison names them.",
    }),
    events: t.exposeInt("events", { description: "Events that were removed, or would be." }),
  }),
});

builder.mutationField("pruneStore", (t) =>
  t.field({
    type: PruneStorePayload,
    description:
      "Removes runs that ended long ago, with all their numbers; those that wait, are computed, or are named by a study or a saved comparison stay. Needs the role admin. Errors: BAD_USER_INPUT, FORBIDDEN.",
    extensions: ADMIN_ONLY,
    args: { input: t.arg({ type: PruneStoreInput, required: true, description: "What may go." }) },
    resolve: async (_parent, { input }, { prisma, bus }) => {
      const dryRun = input.dryRun ?? true;
      const { olderThanDays, keepTagged, events } = input;
      const request = { olderThanDays, keepTagged: keepTagged ?? true, events: events ?? false, dryRun };
      return { dryRun, ...(await pruneStore(prisma, bus, request)) };
    },
  }),
);
