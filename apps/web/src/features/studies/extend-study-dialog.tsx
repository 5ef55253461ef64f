"use client";
import { useState } from "react";
import { useMutation, useQuery } from "urql";
import { MOST_SHOTS } from "@/features/new-run/form-state.ts";
import { ChoicesQuery } from "@/features/runs/queries.ts";
import { plural } from "@/format/numbers.ts";
import { shortModelName, shotsLabel } from "@/format/runs.ts";
import { nodes } from "@/graphql/nodes.ts";
import { settingsInput } from "@/graphql/settings-input.ts";
import { Dialog } from "@/ui/dialog.tsx";
import { DialogActions } from "@/ui/dialog-actions.tsx";
import { TickList } from "@/ui/tick-list.tsx";
import { ExtendStudy, type Study } from "./queries.ts";

/** Adds models, tasks or shots at the ends of a study's sides. */
export function ExtendStudyDialog({ study, onClose }: { study: Study; onClose: () => void }) {
  const [{ data }] = useQuery({ query: ChoicesQuery });
  const [models, setModels] = useState<string[]>([]);
  const [tasks, setTasks] = useState<string[]>([]);
  const [shots, setShots] = useState<string[]>([]);
  const [{ fetching, error }, extend] = useMutation(ExtendStudy);
  const has = {
    models: study.models.map(({ name }) => name),
    tasks: study.tasks.map(({ slug }) => slug),
    shots: study.settings.map((settings) => settings.shots),
  };
  const cells =
    (has.models.length + models.length) *
    (has.tasks.length + tasks.length) *
    (has.shots.length + shots.length);
  const added = cells - study.progress.total;
  const save = async () => {
    const [first] = study.settings;
    if (!first) return;
    const settings = shots.map((each) => ({ ...settingsInput(first), shots: Number(each) }));
    const result = await extend({ input: { id: study.id, models, tasks, settings } });
    if (result.data) onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Extend ${study.name}`}
      description="What is added is asked of everything that is there, with the study's own settings."
    >
      <div className="grid gap-3">
        <TickList
          label="Models"
          className="max-h-32"
          chosen={models}
          onChange={setModels}
          items={nodes(data?.models.edges)
            .filter(({ name, error: broken }) => !has.models.includes(name) && !broken)
            .map(({ name }) => ({ value: name, label: shortModelName(name), tip: name }))}
        />
        <TickList
          label="Tasks"
          className="max-h-40"
          chosen={tasks}
          onChange={setTasks}
          items={nodes(data?.tasks.edges)
            .filter(({ slug }) => !has.tasks.includes(slug))
            .map(({ slug, title, domain }) => ({ value: slug, label: title, group: domain }))}
        />
        <TickList
          label="Shots"
          className="max-h-24"
          chosen={shots}
          onChange={setShots}
          items={Array.from({ length: MOST_SHOTS + 1 }, (_, each) => each)
            .filter((each) => !has.shots.includes(each))
            .map((each) => ({ value: String(each), label: shotsLabel(each) }))}
        />
      </div>
      <DialogActions
        error={error}
        busy={fetching}
        disabled={added === 0}
        verb={added === 0 ? "Extend" : `Add ${plural(added, "run")}`}
        doing="Adding"
        onClose={onClose}
        onDo={() => void save()}
      />
    </Dialog>
  );
}
