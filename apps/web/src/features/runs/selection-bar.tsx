"use client";
import { useState } from "react";
import { type CombinedError, useMutation } from "urql";
import { plural } from "@/format/numbers.ts";
import { Button, ButtonLink } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { CompareIcon, TrashIcon } from "@/ui/icons.tsx";
import { ErrorState } from "@/ui/states.tsx";
import { compareLink } from "./links.ts";
import { DeleteRun } from "./queries.ts";

/** What can be done with the selected runs; slides in at the bottom of the list. */
export function SelectionBar({ picked, onClear }: { picked: ReadonlySet<string>; onClear: () => void }) {
  const [confirming, setConfirming] = useState(false);
  const [failure, setFailure] = useState<CombinedError | null>(null);
  const [{ fetching }, deleteRun] = useMutation(DeleteRun);
  if (picked.size === 0) return null;

  const deleteAll = async () => {
    setFailure(null);
    for (const id of picked) {
      const { error } = await deleteRun({ id });
      if (error) return setFailure(error);
    }
    setConfirming(false);
    onClear();
  };

  return (
    <div className="fixed bottom-6 left-1/2 z-20 flex -translate-x-1/2 animate-[appear_160ms_ease-out] items-center gap-2 rounded-xl border border-line bg-surface py-2 pr-2 pl-4 shadow-float">
      <span className="mr-3 text-sm font-medium" aria-live="polite">
        {plural(picked.size, "run")} selected
      </span>
      {picked.size < 2 ? (
        <Button look="primary" disabled data-tip="Select one more run to compare">
          <CompareIcon /> Compare
        </Button>
      ) : (
        <ButtonLink look="primary" href={compareLink([...picked])}>
          <CompareIcon /> Compare
        </ButtonLink>
      )}
      <Button onClick={() => setConfirming(true)}>
        <TrashIcon /> Delete
      </Button>
      <Button look="quiet" onClick={onClear}>
        Clear
      </Button>
      <Dialog
        open={confirming}
        onOpenChange={setConfirming}
        title={`Delete ${plural(picked.size, "run")}?`}
        description="Their numbers are removed from this machine's store. Running them again makes them anew."
      >
        {failure && (
          <div className="mb-4">
            <ErrorState error={failure} />
          </div>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={() => setConfirming(false)}>Keep</Button>
          <Button look="danger" disabled={fetching} onClick={() => void deleteAll()}>
            {fetching ? "Deleting" : "Delete"}
          </Button>
        </div>
      </Dialog>
    </div>
  );
}
