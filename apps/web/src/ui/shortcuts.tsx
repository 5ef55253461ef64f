"use client";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { isTyping } from "./is-typing.ts";
import { GO_KEYS } from "./pages.ts";

const ShortcutHelp = dynamic(() => import("./shortcut-help.tsx").then((file) => file.ShortcutHelp), {
  ssr: false,
});
const CommandPalette = dynamic(
  () => import("@/features/palette/command-palette.tsx").then((file) => file.CommandPalette),
  { ssr: false },
);

/** The events that ask for the list of shortcuts and for the command palette. */
export const SHOW_SHORTCUTS = "recallscope:shortcuts";
export const SHOW_PALETTE = "recallscope:palette";

/** How long `g` waits for the letter of a page. */
const SEQUENCE_MS = 1200;

/** Keys that work on every page, the list of them, and the command palette. */
export function Shortcuts() {
  const router = useRouter();
  const [open, setOpen] = useState<"help" | "palette" | null>(null);

  useEffect(() => {
    let waitingForG = 0;
    const onKey = (event: KeyboardEvent) => {
      const control = event.ctrlKey || event.metaKey;
      if (control && event.key.toLowerCase() === "k" && !event.altKey && !event.shiftKey) {
        event.preventDefault();
        return setOpen((now) => (now === "palette" ? null : "palette"));
      }
      if (
        isTyping(event.target) ||
        control ||
        event.altKey ||
        document.querySelector("[role=dialog], [role=menu]")
      )
        return;
      const afterG = event.timeStamp - waitingForG < SEQUENCE_MS;
      waitingForG = 0;
      const page = afterG ? GO_KEYS[event.key] : undefined;
      if (page) router.push(page);
      else if (event.key === "g") waitingForG = event.timeStamp;
      else if (event.key === "n") router.push("/runs/new");
      else if (event.key === "?") setOpen("help");
      else if (event.key === "/") {
        event.preventDefault();
        const search = document.querySelector<HTMLInputElement>("input[type=search]");
        if (search) search.focus();
        else router.push("/runs?focus=search");
      }
    };
    const onHelp = () => setOpen("help");
    const onPalette = () => setOpen("palette");
    document.addEventListener("keydown", onKey);
    document.addEventListener(SHOW_SHORTCUTS, onHelp);
    document.addEventListener(SHOW_PALETTE, onPalette);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener(SHOW_SHORTCUTS, onHelp);
      document.removeEventListener(SHOW_PALETTE, onPalette);
    };
  }, [router]);

  const close = () => setOpen(null);
  if (open === "help") return <ShortcutHelp onClose={close} />;
  return open === "palette" ? <CommandPalette onClose={close} onHelp={() => setOpen("help")} /> : null;
}
