"use client";
import { useState } from "react";
import { type CombinedError, useMutation } from "urql";
import { plural } from "@/format/numbers.ts";
import type { RunRowData } from "@/graphql/fragments.ts";
import { Dialog } from "@/ui/dialog.tsx";
import { DeleteRun } from "../queries.ts";
import { DialogActions } from "./dialog-actions.tsx";

export function DeleteDialog(props: {
  runs: readonly RunRowData[];
  onClose: () => void;
  onDone: (message: string) => void;
}) {
  const { runs, onClose, onDone } = props;
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<CombinedError | null>(null);
  const [, deleteRun] = useMutation(DeleteRun);

  const deleteAll = async () => {
    setBusy(true);
    setError(null);
    const studies = new Set<string>();
    const comparisons = new Set<string>();
    // One after the other, so that what is gone and what is not stays clear when one is refused.
    for (const { id } of runs.filter((run) => !gone.has(run.id))) {
      const result = await deleteRun({ id });
      if (result.error) {
        setError(result.error);
        setBusy(false);
        return;
      }
      setGone((before) => new Set(before).add(id));
      for (const { name } of result.data?.deleteRun.studies ?? []) studies.add(name);
      for (const { name } of result.data?.deleteRun.comparisons ?? []) comparisons.add(name);
    }
    onDone(
      [
        `${plural(runs.length, "run")} deleted.`,
        studies.size > 0 && `Cells are now missing in the study ${[...studies].join(", ")}.`,
        comparisons.size > 0 && `The comparison ${[...comparisons].join(", ")} keeps an empty place.`,
      ]
        .filter(Boolean)
        .join(" "),
    );
  };

  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Delete ${plural(runs.length, "run")}?`}
      description="All their numbers are removed from the store. Asking for them again computes them anew."
    >
      <DialogActions
        danger
        error={error}
        busy={busy}
        verb={gone.size > 0 ? "Delete the rest" : "Delete"}
        doing={`Deleting ${gone.size + 1} of ${runs.length}`}
        onClose={onClose}
        onDo={() => void deleteAll()}
      />
    </Dialog>
  );
}
