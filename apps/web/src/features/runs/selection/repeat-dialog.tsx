"use client";
import { useState } from "react";
import { type CombinedError, useMutation } from "urql";
import { CreateRun } from "@/features/new-run/queries.ts";
import { plural } from "@/format/numbers.ts";
import type { RunRowData } from "@/graphql/fragments.ts";
import { Dialog } from "@/ui/dialog.tsx";
import { DialogActions } from "./dialog-actions.tsx";

/** Measures runs again with the same model, task and settings; the old ones stay. */
export function RepeatDialog(props: {
  runs: readonly RunRowData[];
  onClose: () => void;
  onDone: (message: string) => void;
}) {
  const { runs, onClose, onDone } = props;
  const [asked, setAsked] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<CombinedError | null>(null);
  const [, createRun] = useMutation(CreateRun);

  const repeatAll = async () => {
    setBusy(true);
    setError(null);
    for (const { id, model, task, settings } of runs.filter((run) => !asked.has(run.id))) {
      const { shots, seed, knownFilter, leadIns, bootstrapSamples, analyses, sweepPrompts, sweepMode } =
        settings;
      const result = await createRun({
        input: {
          model: model.name,
          task: task.slug,
          settings: {
            shots,
            seed,
            knownFilter,
            leadIns,
            bootstrapSamples,
            analyses,
            sweepPrompts,
            sweepMode,
          },
          force: true,
        },
      });
      if (result.error) {
        setError(result.error);
        setBusy(false);
        return;
      }
      setAsked((before) => new Set(before).add(id));
    }
    onDone(`${plural(runs.length, "run")} queued again.`);
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
        verb={asked.size > 0 ? "Repeat the rest" : "Repeat"}
        doing={`Asking for ${asked.size + 1} of ${runs.length}`}
        onClose={onClose}
        onDo={() => void repeatAll()}
      />
    </Dialog>
  );
}
