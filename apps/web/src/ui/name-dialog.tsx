"use client";
import { type FormEvent, useState } from "react";
import type { CombinedError } from "urql";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { ErrorState } from "./states.tsx";

/** Asks for a name and a note; stays open with the error when saving fails. */
export function NameDialog(props: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: string;
  name: string;
  note: string;
  /** Null when it was saved. */
  onSave: (name: string, note: string) => Promise<CombinedError | null>;
}) {
  const { open, onOpenChange, title, description } = props;
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={title} {...(description && { description })}>
      {open && <NameForm {...props} onDone={() => onOpenChange(false)} />}
    </Dialog>
  );
}

function NameForm(props: {
  name: string;
  note: string;
  onSave: (name: string, note: string) => Promise<CombinedError | null>;
  onDone: () => void;
}) {
  const [name, setName] = useState(props.name);
  const [note, setNote] = useState(props.note);
  const [saving, setSaving] = useState(false);
  const [failure, setFailure] = useState<CombinedError | null>(null);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setSaving(true);
    const error = await props.onSave(name.trim(), note.trim());
    setSaving(false);
    setFailure(error);
    if (!error) props.onDone();
  };
  return (
    <form className="grid gap-3" onSubmit={(event) => void save(event)}>
      {failure && <ErrorState error={failure} />}
      <label className="grid gap-1">
        <span className="label">Name</span>
        <input
          className="control w-full"
          required
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      <label className="grid gap-1">
        <span className="label">Note</span>
        <textarea
          className="control h-24 w-full resize-y py-2"
          maxLength={10_000}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
      </label>
      <div className="flex justify-end">
        <Button look="primary" type="submit" disabled={saving || name.trim() === ""}>
          {saving ? "Saving" : "Save"}
        </Button>
      </div>
    </form>
  );
}
