"use client";
import { useMutation } from "urql";
import { CreateRun } from "@/features/new-run/queries.ts";
import { runLink } from "@/features/runs/links.ts";
import { shortModelName, shotsLabel } from "@/format/runs.ts";
import type { Settings } from "@/graphql/fragments.ts";
import { settingsInput } from "@/graphql/settings-input.ts";
import { Button, ButtonLink } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { PlayIcon } from "@/ui/icons.tsx";
import { ErrorState, Notice } from "@/ui/states.tsx";
import type { MatrixModel, MatrixRun, MatrixTask } from "./queries.ts";

export interface MissingCell {
  model: MatrixModel;
  task: MatrixTask;
  /** A run that failed or was cancelled. */
  run: MatrixRun | undefined;
}

/** Offers to make the run of a cell, with the settings of the matrix. */
export function StartRunDialog(props: {
  cell: MissingCell | null;
  settings: Settings;
  onClose: () => void;
  onStarted: (id: string) => void;
}) {
  const { cell, settings, onClose } = props;
  return (
    <Dialog
      open={cell !== null}
      onOpenChange={(open) => !open && onClose()}
      title={cell?.run ? "Run it again?" : "Start this run?"}
      description={
        cell
          ? `${shortModelName(cell.model.name)}, ${cell.task.title}, ${shotsLabel(settings.shots)}, with the settings of this matrix.`
          : ""
      }
    >
      {cell && <StartRun key={`${cell.model.id} ${cell.task.slug}`} {...props} cell={cell} />}
    </Dialog>
  );
}

function StartRun(props: {
  cell: MissingCell;
  settings: Settings;
  onClose: () => void;
  onStarted: (id: string) => void;
}) {
  const { cell, settings } = props;
  const [{ fetching, error }, createRun] = useMutation(CreateRun);
  const start = async () => {
    const { data } = await createRun({
      input: { model: cell.model.name, task: cell.task.slug, settings: settingsInput(settings) },
    });
    if (data) props.onStarted(data.createRun.run.id);
  };
  const { shots, seed, leadIns, knownFilter } = settings;
  const form = new URLSearchParams({
    model: cell.model.name,
    task: cell.task.slug,
    shots: String(shots),
    seed: String(seed),
    leadIns: String(leadIns),
    knownFilter,
  });
  return (
    <div className="grid gap-4">
      {cell.run && (
        <Notice tone="bad">
          The last run {cell.run.status === "CANCELLED" ? "was cancelled" : "failed"}
          {cell.run.error ? `: ${cell.run.error.message}` : "."}{" "}
          <a className="link" href={runLink(cell.run)}>
            See that run
          </a>
        </Notice>
      )}
      {error && <ErrorState error={error} />}
      <div className="flex justify-end gap-2">
        <ButtonLink look="quiet" href={`/runs/new?${form}`}>
          Other settings
        </ButtonLink>
        <Button look="primary" disabled={fetching} onClick={() => void start()}>
          <PlayIcon /> {fetching ? "Starting" : "Start run"}
        </Button>
      </div>
    </div>
  );
}
