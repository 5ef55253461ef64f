import type { VariablesOf } from "@/graphql/graphql.ts";
import type { CheckTaskQuery } from "../queries.ts";

export type TaskFileInput = VariablesOf<typeof CheckTaskQuery>["input"];

/** The server takes texts up to this size. */
export const MOST_CHARACTERS = 200_000;

export const FORMATS = [
  { value: "", label: "told from the content" },
  { value: "JSON", label: "JSON, a task of this program" },
  { value: "CSV", label: "CSV, a fact in each row" },
  { value: "LRE", label: "LRE relation" },
  { value: "COUNTERFACT", label: "CounterFact records" },
] as const;

/** What the form says beside the file; empty fields leave the word to the file. */
export const EMPTY_FORM = {
  format: "",
  slug: "",
  title: "",
  relation: "",
  domain: "",
  licence: "",
  source: "",
  like: "",
  /** One in each line. */
  clauses: "",
  shot: "",
  subjectColumn: "",
  answerColumn: "",
  aliasesColumn: "",
};
export type ImportForm = typeof EMPTY_FORM;

export function inputOf(text: string, fileName: string | null, form: ImportForm): TaskFileInput {
  const given = (value: string) => value.trim() || null;
  const clauses = form.clauses.split("\n").flatMap((line) => line.trim() || []);
  const columns = {
    subject: given(form.subjectColumn),
    answer: given(form.answerColumn),
    aliases: given(form.aliasesColumn),
  };
  const format = FORMATS.find(({ value }) => value === form.format)?.value;
  return {
    text,
    fileName,
    format: format || null,
    slug: given(form.slug),
    title: given(form.title),
    relation: given(form.relation),
    domain: given(form.domain),
    licence: given(form.licence),
    source: given(form.source),
    like: given(form.like),
    clauses: clauses.length > 0 ? clauses : null,
    shot: given(form.shot),
    columns: Object.values(columns).some((column) => column !== null) ? columns : null,
  };
}
