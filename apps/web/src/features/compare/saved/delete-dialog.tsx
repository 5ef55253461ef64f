"use client";
import { useMutation } from "urql";
import { ConfirmDelete } from "@/ui/confirm-delete.tsx";
import { DeleteComparison, type SavedComparison } from "./queries.ts";

/** Asks before a saved comparison is forgotten. */
export function DeleteDialog({ saved, onClose }: { saved: SavedComparison; onClose: () => void }) {
  const [{ fetching, error }, deleteComparison] = useMutation(DeleteComparison);
  const remove = async () => {
    const { data } = await deleteComparison({ input: { id: saved.id } });
    if (data) onClose();
  };
  return (
    <ConfirmDelete
      title={`Delete “${saved.name}”?`}
      description="Only the saved view is forgotten; its runs stay."
      error={error}
      busy={fetching}
      onDelete={() => void remove()}
      onClose={onClose}
    />
  );
}
