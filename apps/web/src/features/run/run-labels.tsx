"use client";
import dynamic from "next/dynamic";
import { useState } from "react";
import { studyLink } from "@/features/runs/links.ts";
import { Tag } from "@/ui/chip.tsx";
import { NoteIcon, TagIcon } from "@/ui/icons.tsx";
import { Link } from "@/ui/link.tsx";
import type { RunHeaderData } from "./queries.ts";

const TagDialog = dynamic(
  () => import("@/features/runs/selection/tag-dialog.tsx").then((file) => file.TagDialog),
  { ssr: false },
);
const NoteDialog = dynamic(
  () => import("@/features/runs/selection/note-dialog.tsx").then((file) => file.NoteDialog),
  { ssr: false },
);

const EDIT =
  "inline-flex h-6 items-center gap-1.5 rounded px-1.5 text-xs text-ink-3 transition-colors hover:bg-sunken hover:text-ink";

/** Tags, studies and note of a run, each with the way to change it. */
export function RunLabels({ run }: { run: RunHeaderData }) {
  const [editing, setEditing] = useState<"tags" | "note" | null>(null);
  const close = () => setEditing(null);
  return (
    <div className="mt-2 grid gap-1.5">
      <div className="-ml-1.5 flex flex-wrap items-center gap-1.5">
        <button type="button" className={EDIT} onClick={() => setEditing("tags")}>
          <TagIcon size={13} /> {run.tags.length === 0 ? "Add tags" : "Tags"}
        </button>
        {run.tags.map((tag) => (
          <Tag key={tag} name={tag} />
        ))}
        {run.note === null && (
          <button type="button" className={EDIT} onClick={() => setEditing("note")}>
            <NoteIcon size={13} /> Add a note
          </button>
        )}
        {run.studies.length > 0 && (
          <span className="ml-1.5 text-xs text-ink-3">
            in{" "}
            {run.studies.map(({ id, name }, at) => (
              <span key={id}>
                {at > 0 && ", "}
                <Link href={studyLink({ id })} className="link text-ink-2">
                  {name}
                </Link>
              </span>
            ))}
          </span>
        )}
      </div>
      {run.note !== null && (
        <button
          type="button"
          data-tip="Change the note"
          onClick={() => setEditing("note")}
          className="max-w-[90ch] border-l-2 border-line-strong pl-3 text-left text-sm whitespace-pre-line text-ink-2 hover:border-ink-3"
        >
          {run.note}
        </button>
      )}
      {editing === "tags" && <TagDialog runs={[run]} onClose={close} onDone={close} />}
      {editing === "note" && <NoteDialog runs={[run]} onClose={close} onDone={close} />}
    </div>
  );
}
