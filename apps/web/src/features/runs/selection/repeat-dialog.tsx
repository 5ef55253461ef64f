"use client";
import { useMutation } from "urql";
import { CreateRun } from "@/features/new-run/queries.ts";
import { plural } from "@/format/numbers.ts";
import type { RunRowData } from "@/graphql/fragments.ts";
import { settingsInput } from "@/graphql/settings-input.ts";
import { Dialog } from "@/ui/dialog.tsx";
import { DialogActions } from "@/ui/dialog-actions.tsx";
import { useOneByOne } from "./use-one-by-one.ts";

/** Measures runs again with the same model, task and settings; the old ones stay. */
export function RepeatDialog(props: {
  runs: readonly RunRowData[];
  onClose: () => void;
  onDone: (message: string) => void;
}) {
  const { runs, onClose, onDone } = props;
  const [, createRun] = useMutation(CreateRun);
  const { done, busy, error, start } = useOneByOne(runs, async ({ model, task, settings }) => {
    const input = { model: model.name, task: task.slug, settings: settingsInput(settings), force: true };
    return (await createRun({ input })).error;
  });
  const repeatAll = async () => {
    if (await start()) onDone(`${plural(runs.length, "run")} queued again.`);
  };

  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Repeat ${plural(runs.length, "run")}?`}
      description="The same model, task and settings are measured again, and the earlier runs stay. The same versions give the same numbers. A task that has changed since is asked in its newest version."
    >
      <DialogActions
        error={error}
        busy={busy}
        verb={done > 0 ? "Repeat the rest" : "Repeat"}
        doing={`Asking for ${done + 1} of ${runs.length}`}
        onClose={onClose}
        onDo={() => void repeatAll()}
      />
    </Dialog>
  );
}
