"use client";
import { useMutation } from "urql";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { ErrorState } from "@/ui/states.tsx";
import { DeleteComparison, type SavedComparison } from "./queries.ts";

/** Asks before a saved comparison is forgotten. */
export function DeleteDialog({ saved, onClose }: { saved: SavedComparison | null; onClose: () => void }) {
  const [{ fetching, error }, deleteComparison] = useMutation(DeleteComparison);
  const remove = async () => {
    const { data } = await deleteComparison({ input: { id: saved?.id ?? "" } });
    if (data) onClose();
  };
  return (
    <Dialog
      open={saved !== null}
      onOpenChange={(open) => !open && onClose()}
      title={`Delete “${saved?.name ?? ""}”?`}
      description="Only the saved view is forgotten; its runs stay."
    >
      {error && (
        <div className="mb-4">
          <ErrorState error={error} />
        </div>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Keep</Button>
        <Button look="danger" disabled={fetching} onClick={() => void remove()}>
          {fetching ? "Deleting" : "Delete"}
        </Button>
      </div>
    </Dialog>
  );
}
