"use client";
import { useState } from "react";
import { plural } from "@/format/numbers.ts";
import { Button, ButtonLink } from "@/ui/button.tsx";
import { CompareIcon, NoteIcon, RetryIcon, TagIcon, TrashIcon } from "@/ui/icons.tsx";
import { compareLink, MOST_COMPARED } from "../links.ts";
import type { PickedRuns } from "../runs-table.tsx";
import { DeleteDialog } from "./delete-dialog.tsx";
import { ExportMenu } from "./export-menu.tsx";
import { NoteDialog } from "./note-dialog.tsx";
import { RepeatDialog } from "./repeat-dialog.tsx";
import { TagDialog } from "./tag-dialog.tsx";

type Open = "repeat" | "tag" | "note" | "delete" | null;

interface SelectionBarProps {
  picked: PickedRuns;
  /** Key of the run that comparisons are held against; empty for none. */
  baseline: string;
  onBaseline: (key: string) => void;
  onClear: () => void;
  /** Told what was done, in a sentence. */
  onDone: (message: string) => void;
}

/** What can be done with the selected runs; slides in at the bottom of the list. */
export function SelectionBar({ picked, baseline, onBaseline, onClear, onDone }: SelectionBarProps) {
  const [open, setOpen] = useState<Open>(null);
  if (picked.size === 0) return null;
  const runs = [...picked.values()];
  const close = () => setOpen(null);
  const done = (message: string) => {
    close();
    onDone(message);
  };
  const only = runs.length === 1 ? runs[0] : undefined;

  return (
    <section
      aria-label="Selected runs"
      className="fixed bottom-6 left-1/2 z-20 flex w-max max-w-[calc(100vw-32px)] -translate-x-1/2 animate-[appear_160ms_ease-out] flex-wrap items-center gap-2 rounded-xl border border-line bg-surface py-2 pr-2 pl-4 shadow-float"
    >
      <span className="mr-3 text-sm font-medium whitespace-nowrap" aria-live="polite">
        {plural(runs.length, "run")} selected
      </span>
      <CompareButton runs={runs} baseline={baseline} />
      {only && only.key === baseline ? (
        <Button onClick={() => onBaseline("")}>Unset baseline</Button>
      ) : (
        <Button
          disabled={!only}
          data-tip={only ? "Comparisons are held against it" : "Select one run only"}
          onClick={() => only && onBaseline(only.key)}
        >
          Set baseline
        </Button>
      )}
      <Button onClick={() => setOpen("repeat")}>
        <RetryIcon size={14} /> Repeat
      </Button>
      <Button onClick={() => setOpen("tag")}>
        <TagIcon size={14} /> Tag
      </Button>
      <Button onClick={() => setOpen("note")}>
        <NoteIcon size={14} /> Note
      </Button>
      <ExportMenu runs={runs} />
      <Button onClick={() => setOpen("delete")}>
        <TrashIcon size={14} /> Delete
      </Button>
      <Button look="quiet" onClick={onClear}>
        Clear
      </Button>
      {open === "repeat" && <RepeatDialog runs={runs} onClose={close} onDone={done} />}
      {open === "tag" && <TagDialog runs={runs} onClose={close} onDone={done} />}
      {open === "note" && <NoteDialog runs={runs} onClose={close} onDone={done} />}
      {open === "delete" && (
        <DeleteDialog
          runs={runs}
          onClose={close}
          onDone={(message) => {
            done(message);
            onClear();
          }}
        />
      )}
    </section>
  );
}

function CompareButton({ runs, baseline }: { runs: { id: string; key: string }[]; baseline: string }) {
  const first = runs.filter(({ key }) => key === baseline);
  const ids = [...first, ...runs.filter(({ key }) => key !== baseline)].map(({ id }) => id);
  const tip =
    runs.length < 2
      ? "Select one more run to compare"
      : runs.length > MOST_COMPARED
        ? `Up to ${MOST_COMPARED} runs can be compared`
        : null;
  return tip ? (
    <Button look="primary" disabled data-tip={tip}>
      <CompareIcon /> Compare
    </Button>
  ) : (
    <ButtonLink look="primary" href={compareLink(ids)}>
      <CompareIcon /> Compare
    </ButtonLink>
  );
}
