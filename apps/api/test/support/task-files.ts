import type { Task } from "@recallscope/engine";
import { expect } from "vitest";
import type { GuardedPlatform } from "./guarded-platform.ts";
import type { Loose } from "./platform.ts";

const REPORT = `report { factsRead factsKept clausesRead clausesKept dropped { rule meaning where what because } changed { rule from to } notes }`;
const READ = `format tasks { name outcome refused ${REPORT} draft { slug title version clauses { text relation } shot facts { subject answer } }
  task { slug version origin createdBy current factCount } } stray { factsRead dropped { rule where } }`;
export const IMPORT = `mutation ($input: TaskFileInput!) { importTask(input: $input) { ${READ} } }`;
export const CHECK = `query ($input: TaskFileInput!) { checkTask(input: $input) { ${READ} } }`;
export const DELETE = `mutation ($slug: String!) { deleteTask(input: { slug: $slug }) { deletedSlug keptVersions } }`;

export const MASCOTS = "subject,answer\nNorth,Otter\nSouth,Heron\nEast,Badger\n";
export const CLAUSES = ["the mascot of {subject} is the"];
export const csv = (slug: string, rows = "") => ({ text: MASCOTS + rows, slug, clauses: CLAUSES });
export const json = (id: string, change: Partial<Task> = {}): { text: string } => ({
  text: JSON.stringify({
    id,
    title: `Title of ${id}`,
    relation: "mascot",
    version: 1,
    domain: "sports",
    licence: "CC0-1.0",
    source: "made up",
    clauses: [{ id: "a", text: "the mascot of {subject} is the", relation: "mascot" }],
    shot: "The mascot of {subject} is the {answer}.",
    facts: [
      { subject: "North", answer: "Otter" },
      { subject: "South", answer: "Heron" },
    ],
    ...change,
  }),
});

export type Who = keyof GuardedPlatform["secrets"];

/** Asks as the holder of one of the tokens. */
export function asking(platform: GuardedPlatform) {
  const ask = (who: Who, query: string, variables: Record<string, unknown> = {}) =>
    platform.ask(platform.secrets[who], query, variables);
  return {
    ask,
    importAs: async (who: Who, input: object): Promise<Loose> => {
      const { data, errors } = await ask(who, IMPORT, { input });
      expect(errors).toBeUndefined();
      return data.importTask;
    },
    /** Code and message of a request that is refused. */
    refusal: async (query: string, input: object, who: Who = "WRITE") => {
      const { errors } = await ask(who, query, { input });
      return [errors?.[0]?.extensions.code, errors?.[0]?.message];
    },
  };
}
