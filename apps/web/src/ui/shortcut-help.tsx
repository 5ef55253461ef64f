"use client";
import { Dialog } from "./dialog.tsx";
import { PAGES } from "./pages.ts";

const GROUPS: { title: string; keys: [keys: string, meaning: string][] }[] = [
  {
    title: "Everywhere",
    keys: [
      ["Ctrl K", "Search pages, runs, models, tasks and actions (⌘ K on a Mac)"],
      ["/", "Search the runs"],
      ["n", "New run"],
      ...PAGES.map(({ key, label }): [string, string] => [`g ${key}`, label]),
      ["?", "This list"],
    ],
  },
  {
    title: "On a run",
    keys: [
      ["← →", "Prompt before and after; the mean lies before the first"],
      ["⇧ ↑ ↓", "Layer before and after"],
      ["Esc", "Let go of what is chosen and not pinned"],
    ],
  },
  {
    title: "In a heat map",
    keys: [
      ["← ↑ → ↓", "Move; Home, End, Page up and Page down go to the edges"],
      ["Enter", "Choose the head"],
      ["⇧ Enter", "Choose one more, or leave it out"],
    ],
  },
];

/** What keys do. */
export function ShortcutHelp({ onClose }: { onClose: () => void }) {
  return (
    <Dialog open onOpenChange={onClose} title="Keyboard">
      <div className="grid gap-5">
        {GROUPS.map(({ title, keys }) => (
          <section key={title}>
            <h3 className="label mb-2 font-normal">{title}</h3>
            <dl className="grid grid-cols-[108px_1fr] gap-y-1.5 text-sm">
              {keys.map(([combination, meaning]) => (
                <div key={combination} className="contents">
                  <dt className="flex gap-1">
                    {combination.split(" ").map((key) => (
                      <kbd
                        key={key}
                        className="inline-flex h-5 min-w-5 items-center justify-center rounded border border-line-strong px-1 font-sans text-xs"
                      >
                        {key}
                      </kbd>
                    ))}
                  </dt>
                  <dd className="text-ink-2">{meaning}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
