"use client";
import { useRouter } from "next/navigation";
import { useEffect, useMemo, useState } from "react";
import { useMutation, useQuery } from "urql";
import { taskLink } from "@/features/runs/links.ts";
import { formatInteger, plural } from "@/format/numbers.ts";
import { useUnknownParameters, useUrlState } from "@/state/url-state.ts";
import { useDebounced } from "@/state/use-debounced.ts";
import { useKept } from "@/state/use-kept.ts";
import { Button } from "@/ui/button.tsx";
import { cx } from "@/ui/class-names.ts";
import { PageHeader, Panel, useTitle } from "@/ui/page.tsx";
import { EmptyState, ErrorState, Notice } from "@/ui/states.tsx";
import { CheckTaskQuery, ImportTask, type ReadFile, TaskQuery } from "../queries.ts";
import { DropReport } from "./drop-report.tsx";
import { ImportFields } from "./import-fields.tsx";
import { EMPTY_FORM, inputOf, MOST_CHARACTERS } from "./import-state.ts";
import { TaskCheck } from "./task-check.tsx";
import { taskJson } from "./task-json.ts";

const DEFAULTS = { edit: "" } as const;

/** Makes tasks of a file's text: what it gives, and what is left out and why, is seen before anything is stored. */
export function ImportTaskPage() {
  const { values } = useUrlState(DEFAULTS);
  const unknown = useUnknownParameters(Object.keys(DEFAULTS));
  useTitle(values.edit ? `Edit ${values.edit}` : "Add a task");
  const router = useRouter();
  const [text, setText] = useState("");
  const [fileName, setFileName] = useState<string | null>(null);
  const [form, setForm] = useState(EMPTY_FORM);
  const [edited] = useQuery({
    query: TaskQuery,
    variables: { slug: values.edit },
    pause: values.edit === "",
  });
  const original = edited.data?.task;
  useEffect(() => {
    if (original) setText(taskJson(original));
  }, [original]);

  const input = useMemo(() => inputOf(text, fileName, form), [text, fileName, form]);
  const rested = useDebounced(input, 400);
  const tooLong = text.length > MOST_CHARACTERS;
  const [state, retry] = useQuery({
    query: CheckTaskQuery,
    variables: { input: rested },
    pause: rested.text.trim() === "" || tooLong,
    // The store may have changed since the same text was checked.
    requestPolicy: "network-only",
  });
  const [{ fetching, error }, importTask] = useMutation(ImportTask);
  const checked = useKept(state.data)?.checkTask;
  const current = rested === input && !state.fetching && state.data && !state.error;
  const taken = checked ? importable(checked, values.edit !== "") : 0;

  const store = async () => {
    const result = await importTask({ input });
    const slug = result.data?.importTask.tasks.find(({ task }) => task)?.task?.slug;
    if (slug) router.push(result.data?.importTask.tasks.length === 1 ? taskLink(slug) : "/tasks");
  };

  return (
    <>
      <PageHeader
        title={values.edit ? `Edit ${original?.title ?? values.edit}` : "Add a task"}
        lead={
          values.edit
            ? "Other facts or wording make a new version, which new runs ask; runs keep the version they asked. A name alone is changed in place."
            : "Paste or choose a file: JSON, CSV, an LRE relation or CounterFact. It is checked as you type; nothing is stored before you import it."
        }
      />
      {unknown.length > 0 && (
        <div className="mb-4">
          <Notice tone="info">The address has parts this page does not know: {unknown.join(", ")}.</Notice>
        </div>
      )}
      {values.edit && edited.data && !original && (
        <div className="mb-4">
          <Notice tone="bad">There is no task {values.edit}.</Notice>
        </div>
      )}
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,460px)_minmax(0,1fr)]">
        <Panel className="grid gap-4 p-5">
          <FileText
            text={text}
            onText={(next, name) => {
              setText(next);
              if (name !== undefined) setFileName(name);
            }}
          />
          <ImportFields form={form} onChange={(change) => setForm({ ...form, ...change })} />
          {error && <ErrorState error={error} />}
          <Button
            look="primary"
            className="h-9"
            disabled={!current || taken === 0 || fetching}
            onClick={() => void store()}
          >
            {fetching
              ? "Importing"
              : values.edit
                ? "Save"
                : taken > 1
                  ? `Import ${plural(taken, "task")}`
                  : "Import the task"}
          </Button>
        </Panel>
        <div aria-live="polite">
          {tooLong ? (
            <Notice tone="bad">
              The text has {formatInteger(text.length)} characters, and up to {formatInteger(MOST_CHARACTERS)}{" "}
              can be sent. Larger files become tasks by{" "}
              <code className="font-mono">npx recallscope task import</code>.
            </Notice>
          ) : state.error ? (
            <ErrorState error={state.error} onRetry={() => retry({ requestPolicy: "network-only" })} />
          ) : text.trim() === "" || !checked ? (
            <EmptyState title="What the file gives appears here">
              Its tasks, what was left out and why, and what importing it would do.
            </EmptyState>
          ) : (
            <div className={cx("grid gap-5 transition-opacity", !current && "opacity-60")}>
              <p className="label">
                Read as {checked.format}; {plural(checked.tasks.length, "task")}
              </p>
              {checked.tasks.map((task) => (
                <TaskCheck key={task.name} task={task} />
              ))}
              <DropReport title="Of no task" report={checked.stray} />
            </div>
          )}
        </div>
      </div>
    </>
  );
}

/** How many of a file's tasks an import stores. The same questions under another name are stored where that was asked for. */
const importable = ({ tasks }: ReadFile, editing: boolean): number =>
  tasks.filter(
    ({ outcome }) => outcome === "NEW" || outcome === "NEW_VERSION" || (editing && outcome === "UNCHANGED"),
  ).length;

function FileText(props: { text: string; onText: (text: string, fileName?: string) => void }) {
  const { text, onText } = props;
  const read = async (file: File | undefined) => {
    if (file) onText(await file.text(), file.name);
  };
  return (
    <div>
      <div className="mb-1 flex items-baseline justify-between gap-3">
        <label htmlFor="task-text" className="text-sm font-medium">
          File
        </label>
        <label className="cursor-pointer text-xs text-ink-2 underline decoration-line-strong underline-offset-2 hover:text-ink has-focus-visible:outline-2 has-focus-visible:outline-answer">
          Choose a file
          <input
            type="file"
            accept=".json,.jsonl,.csv,.tsv,.txt"
            className="sr-only"
            onChange={(event) => void read(event.target.files?.[0])}
          />
        </label>
      </div>
      <textarea
        id="task-text"
        spellCheck={false}
        placeholder={"subject,answer\nPeru,Lima\nKenya,Nairobi"}
        className="control block h-56 w-full resize-y py-2 font-mono text-xs! leading-[18px]!"
        value={text}
        onChange={(event) => onText(event.target.value)}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          void read(event.dataTransfer.files[0]);
        }}
      />
    </div>
  );
}
