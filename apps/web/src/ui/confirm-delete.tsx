"use client";
import type { CombinedError } from "urql";
import { Dialog } from "./dialog.tsx";
import { DialogActions } from "./dialog-actions.tsx";

/** Asks before something is deleted; stays open with the error when that fails. */
export function ConfirmDelete(props: {
  title: string;
  /** What goes with it, and what stays. */
  description: string;
  error?: CombinedError | undefined;
  busy: boolean;
  onDelete: () => void;
  onClose: () => void;
}) {
  const { title, description, error, busy, onDelete, onClose } = props;
  return (
    <Dialog open onOpenChange={onClose} title={title} description={description}>
      <DialogActions
        danger
        {...(error && { error })}
        busy={busy}
        verb="Delete"
        doing="Deleting"
        onClose={onClose}
        onDo={onDelete}
      />
    </Dialog>
  );
}
