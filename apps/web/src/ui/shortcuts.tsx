"use client";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { Dialog } from "./dialog.tsx";

const GO: Record<string, string> = { h: "/", r: "/runs", c: "/compare", m: "/models", t: "/tasks" };
const HELP: [keys: string, meaning: string][] = [
  ["/", "Search the runs"],
  ["n", "New run"],
  ["g h", "Home"],
  ["g r", "Runs"],
  ["g c", "Compare"],
  ["g m", "Models"],
  ["g t", "Tasks"],
  ["← ↑ → ↓", "Move through a heat map; Enter selects the head"],
  ["Esc", "Clear the selection"],
  ["?", "This list"],
];

/** The event that asks for the list of shortcuts. */
export const SHOW_SHORTCUTS = "recallscope:shortcuts";

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;

export function Shortcuts() {
  const router = useRouter();
  const [open, setOpen] = useState(false);

  useEffect(() => {
    let waitingForG = 0;
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      const afterG = event.timeStamp - waitingForG < 1200;
      waitingForG = 0;
      if (afterG && GO[event.key]) router.push(GO[event.key] as string);
      else if (event.key === "g") waitingForG = event.timeStamp;
      else if (event.key === "n") router.push("/runs/new");
      else if (event.key === "?") setOpen(true);
      else if (event.key === "/") {
        event.preventDefault();
        const search = document.querySelector<HTMLInputElement>("input[type=search]");
        if (search) search.focus();
        else router.push("/runs?focus=search");
      }
    };
    const onShow = () => setOpen(true);
    document.addEventListener("keydown", onKey);
    document.addEventListener(SHOW_SHORTCUTS, onShow);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener(SHOW_SHORTCUTS, onShow);
    };
  }, [router]);

  return (
    <Dialog open={open} onOpenChange={setOpen} title="Keyboard">
      <dl className="grid grid-cols-[120px_1fr] gap-y-2 text-sm">
        {HELP.map(([keys, meaning]) => (
          <div key={keys} className="contents">
            <dt className="flex gap-1">
              {keys.split(" ").map((key) => (
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
    </Dialog>
  );
}
