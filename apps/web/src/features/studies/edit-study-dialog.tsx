"use client";
import { useMutation } from "urql";
import { NameDialog } from "@/ui/name-dialog.tsx";
import { type Study, UpdateStudy } from "./queries.ts";

export function EditStudyDialog({ study, onClose }: { study: Study; onClose: () => void }) {
  const [, update] = useMutation(UpdateStudy);
  return (
    <NameDialog
      open
      onOpenChange={onClose}
      title="Name and note"
      name={study.name}
      note={study.note ?? ""}
      onSave={async (name, note) => {
        const { error } = await update({ input: { id: study.id, name, note } });
        return error ?? null;
      }}
    />
  );
}
