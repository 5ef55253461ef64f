"use client";
import { useRef } from "react";
import { useMutation } from "urql";
import { plural } from "@/format/numbers.ts";
import type { RunRowData } from "@/graphql/fragments.ts";
import { Dialog } from "@/ui/dialog.tsx";
import { DialogActions } from "@/ui/dialog-actions.tsx";
import { DeleteRun } from "../queries.ts";
import { useOneByOne } from "./use-one-by-one.ts";

export function DeleteDialog(props: {
  runs: readonly RunRowData[];
  onClose: () => void;
  onDone: (message: string) => void;
}) {
  const { runs, onClose, onDone } = props;
  const [, deleteRun] = useMutation(DeleteRun);
  const studies = useRef(new Set<string>());
  const comparisons = useRef(new Set<string>());
  const { done, busy, error, start } = useOneByOne(runs, async ({ id }) => {
    const result = await deleteRun({ id });
    for (const { name } of result.data?.deleteRun.studies ?? []) studies.current.add(name);
    for (const { name } of result.data?.deleteRun.comparisons ?? []) comparisons.current.add(name);
    return result.error;
  });

  const deleteAll = async () => {
    if (!(await start())) return;
    onDone(
      [
        `${plural(runs.length, "run")} deleted.`,
        studies.current.size > 0 && `Cells are now missing in the study ${[...studies.current].join(", ")}.`,
        comparisons.current.size > 0 &&
          `The comparison ${[...comparisons.current].join(", ")} keeps an empty place.`,
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
        verb={done > 0 ? "Delete the rest" : "Delete"}
        doing={`Deleting ${done + 1} of ${runs.length}`}
        onClose={onClose}
        onDo={() => void deleteAll()}
      />
    </Dialog>
  );
}
