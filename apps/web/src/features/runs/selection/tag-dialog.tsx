"use client";
import { useState } from "react";
import { useMutation, useQuery } from "urql";
import { plural } from "@/format/numbers.ts";
import type { RunRowData } from "@/graphql/fragments.ts";
import { nodes } from "@/graphql/nodes.ts";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { DialogActions } from "@/ui/dialog-actions.tsx";
import { LabelsQuery, TagRuns } from "../queries.ts";

/** Adds tags to some runs and takes tags from them. */
export function TagDialog(props: {
  runs: readonly RunRowData[];
  onClose: () => void;
  onDone: (message: string) => void;
}) {
  const { runs, onClose, onDone } = props;
  const [{ data }] = useQuery({ query: LabelsQuery });
  const [text, setText] = useState("");
  const [added, setAdded] = useState<readonly string[]>([]);
  const [removed, setRemoved] = useState<readonly string[]>([]);
  const [{ fetching, error }, tagRuns] = useMutation(TagRuns);

  const present = [...new Set(runs.flatMap(({ tags }) => tags))].sort();
  const known = nodes(data?.tags.edges).map(({ name }) => name);
  const typed = (value: string) => value.split(",").flatMap((tag) => tag.trim() || []);
  const add = () => {
    setAdded([...new Set([...added, ...typed(text)])]);
    setText("");
  };
  const wanted = [...new Set([...added, ...typed(text)])];
  const save = async () => {
    const result = await tagRuns({ runs: runs.map(({ id }) => id), add: wanted, remove: [...removed] });
    if (result.data) onDone(`Tags of ${plural(runs.length, "run")} changed.`);
  };
  return (
    <Dialog open onOpenChange={onClose} title={`Tags of ${plural(runs.length, "run")}`}>
      {present.length > 0 && (
        <fieldset className="mb-4">
          <legend className="label mb-1.5">On these runs; click to take one away</legend>
          <div className="flex flex-wrap gap-1.5">
            {present.map((tag) => {
              const count = runs.filter(({ tags }) => tags.includes(tag)).length;
              const leaves = removed.includes(tag);
              return (
                <button
                  key={tag}
                  type="button"
                  aria-pressed={leaves}
                  aria-label={`Take away ${tag}`}
                  data-tip={`on ${count} of ${plural(runs.length, "run")}`}
                  onClick={() =>
                    setRemoved(leaves ? removed.filter((each) => each !== tag) : [...removed, tag])
                  }
                  className="inline-flex h-6 items-center gap-1.5 rounded border border-line-strong px-2 text-xs hover:border-ink-3 aria-pressed:border-dashed aria-pressed:text-ink-3 aria-pressed:line-through"
                >
                  {tag}
                  {count < runs.length && <span className="text-ink-3">{count}</span>}
                </button>
              );
            })}
          </div>
        </fieldset>
      )}
      <label htmlFor="new-tag" className="label mb-1 block">
        Add, several by commas
      </label>
      <form
        className="flex gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        <input
          id="new-tag"
          list="known-tags"
          maxLength={200}
          className="control min-w-0 flex-1"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <datalist id="known-tags">
          {known.map((tag) => (
            <option key={tag} value={tag} />
          ))}
        </datalist>
        <Button type="submit" disabled={typed(text).length === 0}>
          Add
        </Button>
      </form>
      {added.length > 0 && (
        <div className="mt-2 flex flex-wrap gap-1.5">
          {added.map((tag) => (
            <button
              key={tag}
              type="button"
              aria-label={`Do not add ${tag}`}
              onClick={() => setAdded(added.filter((each) => each !== tag))}
              className="inline-flex h-6 items-center rounded bg-answer-soft px-2 text-xs text-answer"
            >
              + {tag}
            </button>
          ))}
        </div>
      )}
      <DialogActions
        error={error}
        busy={fetching}
        disabled={wanted.length === 0 && removed.length === 0}
        verb="Save"
        doing="Saving"
        onClose={onClose}
        onDo={() => void save()}
      />
    </Dialog>
  );
}
