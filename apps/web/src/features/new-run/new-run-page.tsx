"use client";
import { useRouter } from "next/navigation";
import { useMutation, useQuery } from "urql";
import { runLink } from "@/features/runs/links.ts";
import { ChoicesQuery } from "@/features/runs/queries.ts";
import { nodes } from "@/graphql/nodes.ts";
import { useUnknownParameters, useUrlState } from "@/state/url-state.ts";
import { Button } from "@/ui/button.tsx";
import { Checkbox } from "@/ui/checkbox.tsx";
import { PlayIcon } from "@/ui/icons.tsx";
import { PageHeader, Panel, useTitle } from "@/ui/page.tsx";
import { ErrorState, Notice, Skeleton } from "@/ui/states.tsx";
import { FORM_DEFAULTS, readForm } from "./form-state.ts";
import { ModelField } from "./model-field.tsx";
import { PreviewPanel } from "./preview-panel.tsx";
import { CreateRun, FurtherAnalysesQuery } from "./queries.ts";
import { SettingsFields, standardOf } from "./settings-fields.tsx";
import { TaskField } from "./task-field.tsx";

export function NewRunPage() {
  useTitle("New run");
  const router = useRouter();
  const [choices, retryChoices] = useQuery({ query: ChoicesQuery });
  const [further, retryFurther] = useQuery({ query: FurtherAnalysesQuery });
  const { values, set } = useUrlState(FORM_DEFAULTS);
  const unknown = useUnknownParameters(Object.keys(FORM_DEFAULTS));
  const [{ fetching, error }, createRun] = useMutation(CreateRun);

  const models = nodes(choices.data?.models.edges);
  const listed = further.data?.furtherAnalyses ?? [];
  const tasks = nodes(choices.data?.tasks.edges);
  const model = values.model || models.find((each) => !each.error)?.name || "";
  const task = values.task || (tasks.find(({ runs }) => runs.totalCount > 0) ?? tasks[0])?.slug || "";
  const { settings, problems } = readForm(values, standardOf(listed));
  const ready =
    further.data !== undefined && model !== "" && task !== "" && Object.keys(problems).length === 0;
  const force = values.force !== "";

  const failed = (!choices.data && choices.error) || (!further.data && further.error);

  const start = async () => {
    const result = await createRun({ input: { model, task, settings, force } });
    if (result.data) router.push(runLink(result.data.createRun.run));
  };

  return (
    <>
      <PageHeader
        title="New run"
        lead="A run asks one model one task's facts in several frames, then measures how the answers come about."
      />
      {unknown.length > 0 && (
        <div className="mb-4">
          <Notice tone="info">The address has parts this page does not know: {unknown.join(", ")}.</Notice>
        </div>
      )}
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,400px)_minmax(0,1fr)]">
        <Panel className="p-5 lg:sticky lg:top-20">
          {failed ? (
            <ErrorState
              error={failed}
              onRetry={() => {
                retryChoices({ requestPolicy: "network-only" });
                retryFurther({ requestPolicy: "network-only" });
              }}
            />
          ) : !choices.data || !further.data ? (
            <Skeleton className="h-[430px]" />
          ) : (
            <form
              className="grid gap-5"
              onSubmit={(event) => {
                event.preventDefault();
                if (ready) void start();
              }}
            >
              <ModelField models={models} value={model} onChange={(name) => set({ model: name })} />
              <TaskField tasks={tasks} value={task} onChange={(slug) => set({ task: slug })} />
              <SettingsFields
                values={values}
                problems={problems}
                listed={listed}
                chosen={settings.analyses}
                onChange={(change) => set(change, "replace")}
              />
              <div className="flex items-center gap-2 text-sm">
                <Checkbox
                  checked={force}
                  onChange={(checked) => set({ force: checked ? "1" : "" }, "replace")}
                  label="Measure again even if this run is stored"
                />
                <span aria-hidden="true">Measure again even if this run is stored</span>
              </div>
              {error && <ErrorState error={error} />}
              <Button type="submit" look="primary" disabled={!ready || fetching} className="h-9">
                <PlayIcon size={14} /> {fetching ? "Starting" : "Start run"}
              </Button>
            </form>
          )}
        </Panel>
        <PreviewPanel model={model} task={task} settings={settings} force={force} ready={ready} />
      </div>
    </>
  );
}
