"use client";
import { useEffect, useRef } from "react";
import { useQuery } from "urql";
import { plural } from "@/format/numbers.ts";
import { shortModelName, shotsLabel } from "@/format/runs.ts";
import { nodes } from "@/graphql/nodes.ts";
import { usePageAddress } from "@/state/page-address.tsx";
import { Button } from "@/ui/button.tsx";
import { type CheckItem, CheckMenu } from "@/ui/check-menu.tsx";
import { ChipButton, ChipClear } from "@/ui/chip.tsx";
import { SearchField } from "@/ui/search-field.tsx";
import { DateFilter } from "./date-filter.tsx";
import { FILTER_DEFAULTS, type Filters, isFiltered, listOf, STATUS_ITEMS } from "./filters.ts";
import { ChoicesQuery, LabelsQuery } from "./queries.ts";

interface RunFiltersProps {
  values: Filters;
  onChange: (change: Partial<Filters>, how?: "push" | "replace") => void;
}

const SHOTS = Array.from({ length: 9 }, (_, shots) => ({ value: String(shots), label: shotsLabel(shots) }));

/** The box to type in, and a chip for each thing that runs are told apart by. */
export function RunFilters({ values, onChange }: RunFiltersProps) {
  const [{ data }] = useQuery({ query: ChoicesQuery });
  const [{ data: labels }] = useQuery({ query: LabelsQuery, requestPolicy: "cache-and-network" });
  const models = nodes(data?.models.edges).map(({ name }) => ({ value: name, label: shortModelName(name) }));
  const tasks = nodes(data?.tasks.edges).map(({ slug, title }) => ({ value: slug, label: title }));
  const tags = nodes(labels?.tags.edges).map(({ name, runCount }) => ({
    value: name,
    label: name,
    hint: plural(runCount, "run"),
  }));
  const studies = nodes(labels?.studies.edges).map(({ name }) => ({ value: name, label: name }));
  const one = (key: keyof Filters, name: string, items: CheckItem[], total?: number) => (
    <Facet
      name={name}
      items={items}
      total={total}
      single
      chosen={values[key] === "" ? [] : [values[key]]}
      onChange={([value]) => onChange({ [key]: value ?? "" })}
    />
  );
  const several = (key: keyof Filters, name: string, items: CheckItem[], total?: number) => (
    <Facet
      name={name}
      items={items}
      total={total}
      chosen={listOf(values[key])}
      onChange={(chosen) => onChange({ [key]: chosen.join(",") })}
    />
  );

  return (
    <search className="flex flex-wrap items-center gap-2">
      <SearchBox value={values.q} onChange={(q) => onChange({ q }, "replace")} />
      {several("status", "Status", STATUS_ITEMS)}
      {one("model", "Model", models, data?.models.totalCount)}
      {one("task", "Task", tasks, data?.tasks.totalCount)}
      {one("shots", "Shots", SHOTS)}
      {several("tags", "Tags", tags, labels?.tags.totalCount)}
      {one("study", "Study", studies, labels?.studies.totalCount)}
      <DateFilter from={values.from} until={values.until} onChange={onChange} />
      {isFiltered(values) && (
        <Button look="quiet" className="h-7 px-2 text-xs" onClick={() => onChange({ ...FILTER_DEFAULTS })}>
          Clear all
        </Button>
      )}
    </search>
  );
}

function SearchBox({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const box = useRef<HTMLInputElement>(null);
  const wantsFocus = new URLSearchParams(usePageAddress().search).get("focus") === "search";
  useEffect(() => {
    if (wantsFocus) box.current?.focus();
  }, [wantsFocus]);
  return (
    <SearchField
      ref={box}
      placeholder="Model, task, note or key"
      value={value}
      onChange={onChange}
      className="mr-1"
    >
      {!value && (
        <kbd className="pointer-events-none absolute top-[7px] right-2 rounded border border-line px-1 font-sans text-2xs text-ink-3">
          /
        </kbd>
      )}
    </SearchField>
  );
}

function Facet(props: {
  name: string;
  items: CheckItem[];
  /** How many entries there are, where `items` may be only the first of them. */
  total?: number;
  chosen: string[];
  single?: boolean;
  onChange: (chosen: string[]) => void;
}) {
  const { name, items, total = items.length, chosen, single, onChange } = props;
  const labelOf = (value: string) => items.find((item) => item.value === value)?.label ?? value;
  const value = chosen.length === 0 ? null : chosen.map(labelOf).join(", ");
  return (
    <span className="inline-flex items-center gap-1">
      <CheckMenu
        items={items}
        chosen={chosen}
        single={single}
        onChange={onChange}
        note={
          total > items.length && `The first ${items.length} of ${total}: type the name into the search box`
        }
      >
        <ChipButton name={name} value={value} />
      </CheckMenu>
      {value !== null && <ChipClear label={`Clear ${name}`} onClick={() => onChange([])} />}
    </span>
  );
}
