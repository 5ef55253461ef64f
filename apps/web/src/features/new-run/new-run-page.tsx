"use client";
import { useRouter } from "next/navigation";
import { type CombinedError, useMutation, useQuery } from "urql";
import { runLink, studyLink } from "@/features/runs/links.ts";
import { ChoicesQuery } from "@/features/runs/queries.ts";
import { plural } from "@/format/numbers.ts";
import { nodes } from "@/graphql/nodes.ts";
import { joinNames, splitNames } from "@/state/url-list.ts";
import { useUnknownParameters, useUrlState } from "@/state/url-state.ts";
import { Button } from "@/ui/button.tsx";
import { Checkbox } from "@/ui/checkbox.tsx";
import { PlayIcon } from "@/ui/icons.tsx";
import { PageHeader, Panel, useTitle } from "@/ui/page.tsx";
import { ErrorState, Notice, Skeleton } from "@/ui/states.tsx";
import { DeviceField } from "./device-field.tsx";
import { Field } from "./field.tsx";
import { FORM_DEFAULTS, type FormValues, readCell, readForm } from "./form-state.ts";
import { ModelField } from "./model-field.tsx";
import { PreviewPanel } from "./preview-panel.tsx";
import { CreateRun, CreateStudy, FurtherAnalysesQuery } from "./queries.ts";
import { SettingsFields, standardOf } from "./settings-fields.tsx";
import { TaskField } from "./task-field.tsx";

/** `createStudy` takes so many cells. */
const MOST_CELLS = 500;

export function NewRunPage() {
  useTitle("New run");
  const router = useRouter();
  const [choices, retryChoices] = useQuery({ query: ChoicesQuery });
  const [further, retryFurther] = useQuery({ query: FurtherAnalysesQuery });
  const { values, set } = useUrlState(FORM_DEFAULTS);
  const unknown = useUnknownParameters(Object.keys(FORM_DEFAULTS));
  const [run, createRun] = useMutation(CreateRun);
  const [study, createStudy] = useMutation(CreateStudy);

  const listed = further.data?.furtherAnalyses ?? [];
  const known = { models: nodes(choices.data?.models.edges), tasks: nodes(choices.data?.tasks.edges) };
  const { models, tasks } = chosenOf(values, known);
  const { settings, problems } = readForm(values, standardOf(listed));
  const cells = models.length * tasks.length * settings.length;
  const isStudy = cells > 1;
  const force = values.force !== "" && !isStudy;
  const device = isStudy ? "" : values.device;
  const name = values.name.trim();
  const valid =
    further.data !== undefined && cells > 0 && cells <= MOST_CELLS && Object.keys(problems).length === 0;
  const ready = valid && (!isStudy || name !== "");
  const failed = (!choices.data && choices.error) || (!further.data && further.error);

  const start = async () => {
    const [model, task] = [models[0], tasks[0]];
    if (isStudy) {
      const result = await createStudy({ input: { name, models, tasks, settings } });
      if (result.data) router.push(studyLink(result.data.createStudy.study));
    } else if (model && task) {
      const result = await createRun({
        input: { model, task, settings: settings[0], force, ...(device !== "" && { device }) },
      });
      if (result.data) router.push(runLink(result.data.createRun.run));
    }
  };

  return (
    <>
      <PageHeader
        title="New run"
        lead="A run asks one model one task's facts in several frames, then measures how the answers come about. Several models, tasks or shots make a study: a grid of runs."
      />
      {unknown.length > 0 && (
        <div className="mb-4">
          <Notice tone="info">The address has parts this page does not know: {unknown.join(", ")}.</Notice>
        </div>
      )}
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,400px)_minmax(0,1fr)]">
        <Panel className="p-5">
          {failed ? (
            <ErrorState
              error={failed}
              onRetry={() => {
                retryChoices({ requestPolicy: "network-only" });
                retryFurther({ requestPolicy: "network-only" });
              }}
            />
          ) : !choices.data || !further.data ? (
            <Skeleton className="h-[980px]" />
          ) : (
            <form
              className="grid gap-5"
              onSubmit={(event) => {
                event.preventDefault();
                if (ready) void start();
              }}
            >
              <ModelField
                models={known.models}
                chosen={models}
                onChange={(names) => set({ model: joinNames(names) || "," })}
              />
              <TaskField
                tasks={known.tasks}
                chosen={tasks}
                onChange={(slugs) => set({ task: joinNames(slugs) || "," })}
              />
              <SettingsFields
                values={values}
                problems={problems}
                listed={listed}
                corruptions={further.data.corruptions}
                chosen={settings[0].analyses}
                onChange={(change) => set(change, "replace")}
              />
              <DeviceField
                chosen={values.device}
                onChange={(device) => set({ device }, "replace")}
                isStudy={isStudy}
              />
              {isStudy ? (
                <Field title="Name of the study" help="Studies are found and compared by it">
                  <input
                    aria-label="Name of the study"
                    className="control w-full"
                    maxLength={200}
                    value={values.name}
                    onChange={(event) => set({ name: event.target.value }, "replace")}
                  />
                  <p className="label mt-1">Runs that the store has already are found, not measured again.</p>
                </Field>
              ) : (
                <div className="flex items-center gap-2 text-sm">
                  <Checkbox
                    checked={force}
                    onChange={(checked) => set({ force: checked ? "1" : "" }, "replace")}
                    label="Measure again even if this run is stored"
                  />
                  <span aria-hidden="true">Measure again even if this run is stored</span>
                </div>
              )}
              <StartButton
                error={(isStudy ? study : run).error}
                busy={run.fetching || study.fetching}
                disabled={!ready}
                label={isStudy ? `Start ${plural(cells, "run")}` : "Start run"}
                hint={
                  cells === 0
                    ? "Tick a model and a task."
                    : cells > MOST_CELLS
                      ? `A study has up to ${MOST_CELLS} runs.`
                      : isStudy && name === ""
                        ? "A study needs a name."
                        : null
                }
              />
            </form>
          )}
        </Panel>
        <PreviewPanel
          models={models}
          tasks={tasks}
          settings={settings}
          cell={readCell(values.cell, [models.length, tasks.length, settings.length])}
          onCell={(cell) => set({ cell: cell.join(".") === "0.0.0" ? "" : cell.join(".") }, "replace")}
          force={force}
          device={device}
          name={name}
          ready={valid}
          titles={new Map(known.tasks.map(({ slug, title }) => [slug, title]))}
        />
      </div>
    </>
  );
}

interface Known {
  models: { name: string; error: unknown }[];
  tasks: { slug: string; runs: { totalCount: number } }[];
}

/** What the address names; where it names nothing, the first model that opens, and a task that has runs. A lone comma is "none". */
function chosenOf(values: FormValues, { models, tasks }: Known): { models: string[]; tasks: string[] } {
  const model = models.find(({ error }) => !error)?.name;
  const task = (tasks.find(({ runs }) => runs.totalCount > 0) ?? tasks[0])?.slug;
  return {
    models: values.model === "" ? (model ? [model] : []) : splitNames(values.model),
    tasks: values.task === "" ? (task ? [task] : []) : splitNames(values.task),
  };
}

function StartButton(props: {
  error: CombinedError | undefined;
  busy: boolean;
  disabled: boolean;
  label: string;
  hint: string | null;
}) {
  return (
    <div className="sticky bottom-0 -mx-5 -mb-5 grid gap-2 rounded-b-lg border-t border-line bg-surface px-5 py-3">
      {props.error && <ErrorState error={props.error} />}
      <Button type="submit" look="primary" disabled={props.disabled || props.busy} className="h-9">
        <PlayIcon size={14} /> {props.busy ? "Starting" : props.label}
      </Button>
      {props.hint && <p className="label text-center">{props.hint}</p>}
    </div>
  );
}
