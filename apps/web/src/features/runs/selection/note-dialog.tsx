"use client";
import { useState } from "react";
import { useMutation } from "urql";
import { plural } from "@/format/numbers.ts";
import type { RunRowData } from "@/graphql/fragments.ts";
import { Dialog } from "@/ui/dialog.tsx";
import { DialogActions } from "@/ui/dialog-actions.tsx";
import { NoteRuns } from "../queries.ts";

const MOST_CHARACTERS = 10_000;

/** One note for all of some runs. */
export function NoteDialog(props: {
  runs: readonly RunRowData[];
  onClose: () => void;
  onDone: (message: string) => void;
}) {
  const { runs, onClose, onDone } = props;
  const notes = new Set(runs.map(({ note }) => note ?? ""));
  const [text, setText] = useState(notes.size === 1 ? ([...notes][0] ?? "") : "");
  const [{ fetching, error }, noteRuns] = useMutation(NoteRuns);
  const save = async () => {
    const result = await noteRuns({ runs: runs.map(({ id }) => id), note: text });
    if (result.data)
      onDone(`Note ${text.trim() ? "written on" : "taken from"} ${plural(runs.length, "run")}.`);
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Note on ${plural(runs.length, "run")}`}
      description={
        notes.size > 1
          ? "These runs have different notes: saving replaces them all."
          : "Notes are found by the search box, and are no part of a run's key."
      }
    >
      <textarea
        aria-label="Note"
        className="control block h-32 w-full resize-y py-2"
        maxLength={MOST_CHARACTERS}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <DialogActions
        error={error}
        busy={fetching}
        verb="Save"
        doing="Saving"
        onClose={onClose}
        onDo={() => void save()}
      />
    </Dialog>
  );
}
