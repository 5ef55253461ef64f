"use client";
import { useState } from "react";
import { type CombinedError, useMutation } from "urql";
import { Button } from "@/ui/button.tsx";
import { NameDialog } from "@/ui/name-dialog.tsx";
import { ErrorState } from "@/ui/states.tsx";
import type { CompareValues, SetCompare } from "../compare-state.ts";
import { CreateComparison, type SavedComparison, UpdateComparison } from "./queries.ts";
import { differsFromSaved, inputOf } from "./saved-view.ts";

/** Saves the view under a name, or its changes under the name that it has. */
export function SaveActions(props: {
  values: CompareValues;
  set: SetCompare;
  /** The saved comparison that is looked at. */
  saved: SavedComparison | null;
}) {
  const { values, set, saved } = props;
  const [naming, setNaming] = useState(false);
  const [failure, setFailure] = useState<CombinedError | null>(null);
  const [, create] = useMutation(CreateComparison);
  const [{ fetching }, update] = useMutation(UpdateComparison);
  const changed = saved !== null && differsFromSaved(values, saved);

  const saveAs = async (name: string, note: string): Promise<CombinedError | null> => {
    const { data, error } = await create({ input: { ...inputOf(values), name, note: note || null } });
    if (data) set({ saved: data.createComparison.comparison.id }, "replace");
    return error ?? null;
  };
  const saveChanges = async () => {
    if (!saved) return;
    const { error } = await update({ input: { id: saved.id, ...inputOf(values) } });
    setFailure(error ?? null);
  };

  return (
    <>
      {changed && (
        <Button look="primary" disabled={fetching} onClick={() => void saveChanges()}>
          {fetching ? "Saving" : "Save changes"}
        </Button>
      )}
      <Button onClick={() => setNaming(true)}>{saved ? "Save as" : "Save"}</Button>
      <NameDialog
        open={naming}
        onOpenChange={setNaming}
        title="Save this comparison"
        description="Runs, baseline and everything that is set on the page are kept under this name."
        name={saved ? `${saved.name} (2)` : ""}
        note={saved?.note ?? ""}
        onSave={saveAs}
      />
      {failure && (
        <div className="fixed right-8 bottom-6 z-30 max-w-md">
          <ErrorState error={failure} />
        </div>
      )}
    </>
  );
}
