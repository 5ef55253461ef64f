"use client";
import { useState } from "react";
import { useMutation } from "urql";
import { DialogActions } from "@/features/runs/selection/dialog-actions.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { type Study, UpdateStudy } from "./queries.ts";

export function EditStudyDialog({ study, onClose }: { study: Study; onClose: () => void }) {
  const [name, setName] = useState(study.name);
  const [note, setNote] = useState(study.note ?? "");
  const [{ fetching, error }, update] = useMutation(UpdateStudy);
  const save = async () => {
    const result = await update({ input: { id: study.id, name: name.trim(), note } });
    if (result.data) onClose();
  };
  return (
    <Dialog open onOpenChange={onClose} title="Name and note">
      <label className="block">
        <span className="label mb-1 block">Name</span>
        <input
          className="control w-full"
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      <label className="mt-3 block">
        <span className="label mb-1 block">Note</span>
        <textarea
          className="control block h-32 w-full resize-y py-2"
          maxLength={10_000}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
      </label>
      <DialogActions
        error={error}
        busy={fetching}
        disabled={name.trim() === ""}
        verb="Save"
        doing="Saving"
        onClose={onClose}
        onDo={() => void save()}
      />
    </Dialog>
  );
}
