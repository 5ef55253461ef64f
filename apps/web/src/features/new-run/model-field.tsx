"use client";
import { useState } from "react";
import { AddModelForm } from "@/features/models/add-model-form.tsx";
import { shortModelName } from "@/format/runs.ts";
import { TickList } from "@/ui/tick-list.tsx";
import { Field, FieldAction } from "./field.tsx";

interface ModelChoice {
  id: string;
  name: string;
  summary: { layers: number; heads: number } | null;
  error: { code: string; message: string } | null;
}

/** Chooses known models, or opens another one from a folder or by hub id. */
export function ModelField(props: {
  models: readonly ModelChoice[];
  chosen: readonly string[];
  onChange: (names: string[]) => void;
}) {
  const { models, chosen, onChange } = props;
  const [adding, setAdding] = useState(false);
  const unknown = chosen.filter((name) => !models.some((model) => model.name === name));
  return (
    <Field
      title="Models"
      aside={<FieldAction label="Add a model" expanded={adding} onClick={() => setAdding(!adding)} />}
    >
      <TickList
        label="Models"
        className="max-h-44"
        chosen={chosen}
        onChange={onChange}
        items={[
          ...models.map(({ name, summary, error }) => ({
            value: name,
            label: shortModelName(name),
            tip: error ? `${error.code}\n${error.message}` : name,
            hint: error
              ? "cannot be opened"
              : summary
                ? `${summary.layers} layers × ${summary.heads} heads`
                : "not opened yet",
            disabled: error !== null && !chosen.includes(name),
          })),
          ...unknown.map((name) => ({ value: name, label: name, hint: "not known here yet" })),
        ]}
      />
      {adding && (
        <div className="mt-2 rounded-md bg-sunken p-3">
          <AddModelForm
            onAdded={(name) => {
              setAdding(false);
              onChange([name]);
            }}
          />
        </div>
      )}
    </Field>
  );
}
