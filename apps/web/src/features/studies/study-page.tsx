"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useMutation, useQuery, useSubscription } from "urql";
import { compareLink, MOST_COMPARED } from "@/features/runs/links.ts";
import { plural } from "@/format/numbers.ts";
import { shotsLabel } from "@/format/runs.ts";
import { formatAgo } from "@/format/time.ts";
import { nodes } from "@/graphql/nodes.ts";
import { oneOf, useUrlState } from "@/state/url-state.ts";
import { Button, ButtonLink } from "@/ui/button.tsx";
import { ChoiceGroup } from "@/ui/choice-group.tsx";
import { ConfirmDelete } from "@/ui/confirm-delete.tsx";
import { CompareIcon, PlusIcon, RetryIcon } from "@/ui/icons.tsx";
import { Menu } from "@/ui/menu.tsx";
import { PageHeader, useTitle } from "@/ui/page.tsx";
import { percent } from "@/ui/run-status.tsx";
import { EmptyState, ErrorState, Notice, Skeleton } from "@/ui/states.tsx";
import { CELL_NUMBER_IDS, CELL_NUMBERS } from "./cell-numbers.ts";
import { EditStudyDialog } from "./edit-study-dialog.tsx";
import { ExtendStudyDialog } from "./extend-study-dialog.tsx";
import { DeleteStudy, RetryStudy, type Study, StudyChanges, StudyQuery } from "./queries.ts";
import { StudyBar } from "./study-counts.tsx";
import { StudyGrid } from "./study-grid.tsx";

const DEFAULTS = { number: "top1", shots: "" } as const;

export function StudyPage({ id }: { id: string }) {
  const [{ data, error, fetching }, retry] = useQuery({ query: StudyQuery, variables: { id } });
  const study = data?.study;
  const { queued = 0, running = 0 } = study?.progress ?? {};
  useSubscription({ query: StudyChanges, variables: { id }, pause: !study });
  const done = study && queued + running > 0 ? `${percent(study.progress.fraction)} ` : "";
  useTitle(study ? `${done}${study.name}` : "Study");
  if (study) return <LoadedStudy study={study} />;
  if (error) return <ErrorState error={error} onRetry={() => retry({ requestPolicy: "network-only" })} />;
  if (data && !fetching) {
    return (
      <EmptyState
        title="There is no such study"
        action={<ButtonLink href="/studies">All studies</ButtonLink>}
      />
    );
  }
  return <Skeleton className="h-[420px]" />;
}

type Open = "extend" | "edit" | "delete" | null;

function LoadedStudy({ study }: { study: Study }) {
  const { values, set } = useUrlState(DEFAULTS);
  const [open, setOpen] = useState<Open>(null);
  const [{ fetching, error, data }, retryStudy] = useMutation(RetryStudy);
  const number = CELL_NUMBERS[oneOf(values.number, CELL_NUMBER_IDS)];
  const shots = study.settings.map((each, index) => ({
    value: String(index),
    label: shotsLabel(each.shots),
  }));
  const settingsIndex = shots.some(({ value }) => value === values.shots) ? Number(values.shots) : 0;
  const { progress } = study;
  const again = progress.failed + progress.cancelled + progress.missing;
  const finished = nodes(study.cells.edges).flatMap(({ run }) =>
    run?.status === "SUCCEEDED" ? [run.id] : [],
  );
  return (
    <>
      <PageHeader
        title={study.name}
        lead={`${plural(study.models.length, "model")} × ${plural(study.tasks.length, "task")} × ${plural(study.settings.length, "setting")}, made ${formatAgo(study.createdAt)}${study.createdBy ? ` by ${study.createdBy}` : ""}`}
        actions={
          <>
            {again > 0 && (
              <Button
                disabled={fetching}
                data-tip="Queues a run for every cell that has none, or whose run failed or was cancelled"
                onClick={() => void retryStudy({ id: study.id })}
              >
                <RetryIcon size={14} /> Retry {again}
              </Button>
            )}
            <Button onClick={() => setOpen("extend")}>
              <PlusIcon size={14} /> Extend
            </Button>
            <CompareThese ids={[...new Set(finished)]} />
            <Menu
              items={[
                { label: "Rename, or write a note", onSelect: () => setOpen("edit") },
                { label: "Delete the study", onSelect: () => setOpen("delete") },
              ]}
            >
              <Button>More</Button>
            </Menu>
          </>
        }
      />
      {error && (
        <div className="mb-4">
          <ErrorState error={error} />
        </div>
      )}
      {data && (
        <div className="mb-4" role="status">
          <Notice tone="info">
            {plural(data.retryStudy.queued, "run")} queued, {data.retryStudy.found} found in the store.
          </Notice>
        </div>
      )}
      {study.note && <p className="mb-5 max-w-[90ch] whitespace-pre-line text-ink-2">{study.note}</p>}
      <div className="mb-6 max-w-[720px]">
        <StudyBar counts={progress} />
      </div>
      <div className="mb-3 flex flex-wrap items-center gap-3">
        <label className="flex items-center gap-2 text-sm">
          <span className="text-ink-2">Cells show</span>
          <select
            className="control"
            value={oneOf(values.number, CELL_NUMBER_IDS)}
            onChange={(event) => set({ number: event.target.value })}
          >
            {CELL_NUMBER_IDS.map((each) => (
              <option key={each} value={each}>
                {CELL_NUMBERS[each].label}
              </option>
            ))}
          </select>
        </label>
        {shots.length > 1 && (
          <ChoiceGroup
            label="Shots"
            value={String(settingsIndex)}
            choices={shots}
            onChange={(value) => set({ shots: value === "0" ? "" : value })}
          />
        )}
      </div>
      <StudyGrid study={study} settingsIndex={settingsIndex} number={number} />
      <p className="label mt-3">
        Each number is of the run's own facts; its interval and n stand in the tooltip. Compare runs to see
        paired differences.
      </p>
      {open === "extend" && <ExtendStudyDialog study={study} onClose={() => setOpen(null)} />}
      {open === "edit" && <EditStudyDialog study={study} onClose={() => setOpen(null)} />}
      {open === "delete" && <DeleteStudyDialog study={study} onClose={() => setOpen(null)} />}
    </>
  );
}

function CompareThese({ ids }: { ids: string[] }) {
  const tip =
    ids.length < 2
      ? "Two finished runs are needed"
      : ids.length > MOST_COMPARED
        ? `${ids.length} runs are finished and up to ${MOST_COMPARED} can be compared: use the marks at a row or column`
        : null;
  return tip ? (
    <Button look="primary" disabled data-tip={tip}>
      <CompareIcon /> Compare these
    </Button>
  ) : (
    <ButtonLink look="primary" href={compareLink(ids)}>
      <CompareIcon /> Compare these
    </ButtonLink>
  );
}

function DeleteStudyDialog({ study, onClose }: { study: Study; onClose: () => void }) {
  const router = useRouter();
  const [{ fetching, error }, deleteStudy] = useMutation(DeleteStudy);
  const remove = async () => {
    const result = await deleteStudy({ id: study.id });
    if (result.data) router.push("/studies");
  };
  return (
    <ConfirmDelete
      title={`Delete the study ${study.name}?`}
      description="Its runs stay in the store. Runs of it that still wait are measured all the same."
      error={error}
      busy={fetching}
      onDelete={() => void remove()}
      onClose={onClose}
    />
  );
}
