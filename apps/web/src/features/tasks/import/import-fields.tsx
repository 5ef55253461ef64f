"use client";
import { useQuery } from "urql";
import { ChoicesQuery } from "@/features/runs/queries.ts";
import { nodes } from "@/graphql/nodes.ts";
import { FORMATS, type ImportForm } from "./import-state.ts";

const WORDS = [
  ["slug", "Name in addresses", "my-capitals"],
  ["title", "Title", "Country to capital"],
  ["relation", "Relation in a word", "capital"],
  ["domain", "Domain", "geography"],
  ["licence", "Licence", "CC0-1.0"],
  ["source", "Source", "where the facts come from"],
] as const;
const COLUMNS = [
  ["subjectColumn", "Subjects", "subject"],
  ["answerColumn", "Answers", "answer"],
  ["aliasesColumn", "Other answers", "aliases"],
] as const;

/** What is said beside the file: it comes before what the file says. */
export function ImportFields(props: { form: ImportForm; onChange: (change: Partial<ImportForm>) => void }) {
  const { form, onChange } = props;
  const [{ data }] = useQuery({ query: ChoicesQuery });
  const line = (name: keyof ImportForm, label: string, placeholder: string) => (
    <label key={name} className="block min-w-0">
      <span className="label mb-1 block">{label}</span>
      <input
        className="control w-full"
        placeholder={placeholder}
        value={form[name]}
        onChange={(event) => onChange({ [name]: event.target.value })}
      />
    </label>
  );
  return (
    <>
      <div className="grid grid-cols-2 gap-3">
        <label className="block min-w-0">
          <span className="label mb-1 block">Form</span>
          <select
            className="control w-full"
            value={form.format}
            onChange={(event) => onChange({ format: event.target.value })}
          >
            {FORMATS.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label className="block min-w-0">
          <span
            className="label mb-1 block"
            data-tip="Everything but the facts is taken from this task: wording, relation, domain"
          >
            Worded like
          </span>
          <select
            className="control w-full"
            value={form.like}
            onChange={(event) => onChange({ like: event.target.value })}
          >
            <option value="">no other task</option>
            {nodes(data?.tasks.edges).map(({ slug, title }) => (
              <option key={slug} value={slug}>
                {title}
              </option>
            ))}
          </select>
        </label>
      </div>
      <details>
        <summary className="text-sm text-ink-2 hover:text-ink">Say more than the file does</summary>
        <div className="mt-3 grid gap-3">
          <div className="grid grid-cols-2 gap-3">
            {WORDS.map(([name, label, placeholder]) => line(name, label, placeholder))}
          </div>
          <label className="block">
            <span className="label mb-1 block">
              Clauses, one in each line, with {"{subject}"}, ending right before the answer
            </span>
            <textarea
              className="control block h-20 w-full resize-y py-2"
              placeholder="the capital of {subject} is"
              value={form.clauses}
              onChange={(event) => onChange({ clauses: event.target.value })}
            />
          </label>
          {line("shot", "Worked example", "The capital of {subject} is {answer}.")}
          <div>
            <p className="label mb-1">Columns of a table</p>
            <div className="grid grid-cols-3 gap-3">
              {COLUMNS.map(([name, label, placeholder]) => line(name, label, placeholder))}
            </div>
          </div>
        </div>
      </details>
    </>
  );
}
