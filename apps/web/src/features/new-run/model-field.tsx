"use client";
import { useState } from "react";
import { useMutation } from "urql";
import { shortModelName } from "@/format/runs.ts";
import { Button } from "@/ui/button.tsx";
import { PlusIcon } from "@/ui/icons.tsx";
import { ErrorState } from "@/ui/states.tsx";
import { AddModel } from "./queries.ts";

interface ModelChoice {
  id: string;
  name: string;
  summary: { layers: number; heads: number } | null;
  error: { code: string; message: string } | null;
}

/** Chooses a known model, or opens another one from a folder or by hub id. */
export function ModelField(props: {
  models: readonly ModelChoice[];
  value: string;
  onChange: (name: string) => void;
}) {
  const { models, value, onChange } = props;
  const [adding, setAdding] = useState(false);
  const known = models.some(({ name }) => name === value);
  const chosen = models.find(({ name }) => name === value);
  return (
    <div>
      <label htmlFor="model" className="mb-1 block text-sm font-medium">
        Model
      </label>
      <div className="flex gap-2">
        <select
          id="model"
          className="control min-w-0 flex-1"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        >
          {!known && <option value={value}>{value || "no model yet"}</option>}
          {models.map(({ id, name, error }) => (
            <option key={id} value={name} disabled={error !== null}>
              {shortModelName(name)}
              {error ? " (cannot be opened)" : ""}
            </option>
          ))}
        </select>
        <Button aria-expanded={adding} onClick={() => setAdding(!adding)}>
          <PlusIcon size={14} /> Add
        </Button>
      </div>
      <p className="label mt-1 h-4 truncate">
        {chosen?.summary
          ? `${chosen.summary.layers} layers × ${chosen.summary.heads} heads`
          : known
            ? "not opened yet"
            : ""}
      </p>
      {adding && (
        <AddModelForm
          onAdded={(name) => {
            setAdding(false);
            onChange(name);
          }}
        />
      )}
    </div>
  );
}

export function AddModelForm({ onAdded }: { onAdded: (name: string) => void }) {
  const [name, setName] = useState("");
  const [{ fetching, error }, addModel] = useMutation(AddModel);
  const add = async () => {
    const result = await addModel({ name: name.trim() });
    if (result.data) onAdded(result.data.addModel.model.name);
  };
  return (
    <div className="mt-2 rounded-md bg-sunken p-3">
      <label htmlFor="add-model" className="text-xs text-ink-2">
        Folder in Hugging Face format, or hub id
      </label>
      <div className="mt-1 flex gap-2">
        <input
          id="add-model"
          className="control min-w-0 flex-1"
          placeholder="openai-community/gpt2"
          value={name}
          onChange={(event) => setName(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            if (name.trim()) void add();
          }}
        />
        <Button disabled={fetching || name.trim() === ""} onClick={() => void add()}>
          {fetching ? "Opening" : "Open"}
        </Button>
      </div>
      <p className="label mt-1.5">GPT-2, OPT and Llama families; the model is checked before it is listed.</p>
      {error && (
        <div className="mt-2">
          <ErrorState error={error} />
        </div>
      )}
    </div>
  );
}
