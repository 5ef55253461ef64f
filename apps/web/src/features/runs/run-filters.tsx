"use client";
import { useSearchParams } from "next/navigation";
import { useEffect, useRef } from "react";
import { useQuery } from "urql";
import { shortModelName, shotsLabel } from "@/format/runs.ts";
import { nodes } from "@/graphql/nodes.ts";
import { Button } from "@/ui/button.tsx";
import { SearchIcon } from "@/ui/icons.tsx";
import { ChoicesQuery } from "./queries.ts";

export const FILTER_DEFAULTS = { q: "", status: "", model: "", task: "", shots: "" } as const;
type Filters = Record<keyof typeof FILTER_DEFAULTS, string>;

interface RunFiltersProps {
  values: Filters;
  onChange: (change: Partial<Filters>, how?: "push" | "replace") => void;
}

export function RunFilters({ values, onChange }: RunFiltersProps) {
  const [{ data }] = useQuery({ query: ChoicesQuery });
  const search = useRef<HTMLInputElement>(null);
  const wantsFocus = useSearchParams().get("focus") === "search";
  useEffect(() => {
    if (wantsFocus) search.current?.focus();
  }, [wantsFocus]);
  const changed = Object.keys(FILTER_DEFAULTS).some((key) => values[key as keyof Filters] !== "");

  return (
    <search className="mb-4 flex flex-wrap items-center gap-2">
      <label className="relative">
        <span className="sr-only">Search</span>
        <SearchIcon size={14} className="pointer-events-none absolute top-[9px] left-2.5 text-ink-3" />
        <input
          ref={search}
          type="search"
          placeholder="Model, task or key"
          value={values.q}
          onChange={(event) => onChange({ q: event.target.value }, "replace")}
          className="control w-64 pl-8"
        />
        {!values.q && (
          <kbd className="pointer-events-none absolute top-[7px] right-2 rounded border border-line px-1 font-sans text-2xs text-ink-3">
            /
          </kbd>
        )}
      </label>
      <Choice
        label="Status"
        value={values.status}
        onChange={(status) => onChange({ status })}
        options={[
          ["RUNNING", "Running"],
          ["QUEUED", "Queued"],
          ["SUCCEEDED", "Finished"],
          ["FAILED", "Failed"],
          ["CANCELLED", "Cancelled"],
        ]}
      />
      <Choice
        label="Model"
        value={values.model}
        onChange={(model) => onChange({ model })}
        options={nodes(data?.models.edges).map(({ name }) => [name, shortModelName(name)])}
      />
      <Choice
        label="Task"
        value={values.task}
        onChange={(task) => onChange({ task })}
        options={nodes(data?.tasks.edges).map(({ slug, title }) => [slug, title])}
      />
      <Choice
        label="Shots"
        value={values.shots}
        onChange={(shots) => onChange({ shots })}
        options={Array.from({ length: 9 }, (_, shots) => [String(shots), shotsLabel(shots)])}
      />
      {changed && (
        <Button look="quiet" onClick={() => onChange({ ...FILTER_DEFAULTS })}>
          Clear
        </Button>
      )}
    </search>
  );
}

function Choice(props: {
  label: string;
  value: string;
  options: (readonly [value: string, text: string])[];
  onChange: (value: string) => void;
}) {
  const known = props.value === "" || props.options.some(([value]) => value === props.value);
  return (
    <label>
      <span className="sr-only">{props.label}</span>
      <select
        className="control max-w-48"
        value={props.value}
        onChange={(event) => props.onChange(event.target.value)}
      >
        <option value="">{props.label}: all</option>
        {!known && <option value={props.value}>{props.value}</option>}
        {props.options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
