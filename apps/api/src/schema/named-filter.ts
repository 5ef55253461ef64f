import { z } from "zod";
import type { Prisma } from "../generated/prisma/client.ts";
import { whereIdOrKey } from "../runs/find-run.ts";
import { MAX_NAME } from "../text.ts";
import { builder } from "./builder.ts";
import { runIdOf } from "./ids.ts";

/** The filter of a list of things that have a name, a note and runs in them: an input type `<Of>Filter`. @param what names them */
export function defineNamedFilter(of: string, what: string) {
  const input = builder
    .inputType(`${of}Filter`, {
      description: `Which ${what}; conditions are joined by and.`,
      fields: (t) => ({
        text: t.string({ description: "With this text in the name or the note, in any case of letters." }),
        createdBy: t.string({ description: "Made with the token of this name." }),
        run: t.id({ description: "That have this run in them: its id or key." }),
      }),
    })
    .validate(
      z.object({
        text: z.string().max(MAX_NAME).nullish(),
        createdBy: z.string().max(100).nullish(),
        run: z.string().nullish(),
      }),
    );
  return {
    input,
    /** @param having the condition that such a run is in it */
    where: <Where extends object>(
      filter: typeof input.$inferInput | null | undefined,
      having: (run: Prisma.RunWhereInput) => Where,
    ) => {
      const { text, createdBy, run } = filter ?? {};
      const contains = { contains: text?.trim() ?? "", mode: "insensitive" as const };
      return {
        ...(createdBy != null && { createdBy: { name: createdBy } }),
        ...(run != null && having(whereIdOrKey(runIdOf(run)) ?? { id: { in: [] } })),
        ...(text?.trim() && { OR: [{ name: contains }, { note: contains }] }),
      };
    },
  };
}
