"use client";
import { Command } from "cmdk";
import { useRouter } from "next/navigation";
import { useTheme } from "next-themes";
import { Dialog } from "radix-ui";
import { type ReactNode, useState } from "react";
import { useQuery } from "urql";
import { modelLink, runLink, taskLink } from "@/features/runs/links.ts";
import { ChoicesQuery } from "@/features/runs/queries.ts";
import { shortModelName, shotsLabel } from "@/format/runs.ts";
import { nodes } from "@/graphql/nodes.ts";
import { useActionsOfPage } from "@/state/page-actions.tsx";
import { useDebounced } from "@/state/use-debounced.ts";
import { useKept } from "@/state/use-kept.ts";
import { PAGES } from "@/ui/pages.ts";
import { statusLabel } from "@/ui/run-status.tsx";
import { PaletteRunsQuery } from "./queries.ts";

const TYPING_MS = 150;
const GROUP =
  "[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2.5 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-3";

/** Ctrl K: pages, what the open page can do, runs, models and tasks, by their words. */
export function CommandPalette({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const router = useRouter();
  const { setTheme } = useTheme();
  const actions = useActionsOfPage();
  const [text, setText] = useState("");
  const wanted = useDebounced(text.trim(), TYPING_MS);
  const [found] = useQuery({
    query: PaletteRunsQuery,
    variables: { filter: wanted === "" ? null : { text: wanted } },
  });
  const [{ data: choices }] = useQuery({ query: ChoicesQuery });
  const runs = useKept(found.data)?.runs;
  const go = (href: string) => () => {
    onClose();
    router.push(href);
  };
  const act = (run: () => void) => () => {
    onClose();
    run();
  };
  return (
    <Dialog.Root open onOpenChange={onClose}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 bg-[rgb(8_11_14/0.5)]" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-[12vh] left-1/2 z-50 w-[min(640px,calc(100vw-32px))] -translate-x-1/2 overflow-hidden rounded-xl border border-line bg-surface shadow-float"
        >
          <Dialog.Title className="sr-only">Command palette</Dialog.Title>
          <Command label="Command palette" loop>
            <Command.Input
              autoFocus
              value={text}
              onValueChange={setText}
              placeholder="Go to a page, run, model or task, or do something"
              className="h-12 w-full border-b border-line bg-transparent px-4 text-base outline-none placeholder:text-ink-3"
            />
            <Command.List className="max-h-[56vh] overflow-y-auto p-1.5">
              <Command.Empty className="px-2.5 py-4 text-sm text-ink-3">
                {found.fetching ? "Searching" : "Nothing has these words."}
              </Command.Empty>
              {actions.length > 0 && (
                <Command.Group heading="This page" className={GROUP}>
                  {actions.map(({ label, words, hint, run }) => (
                    <Item key={label} value={`${label} ${words ?? ""}`} hint={hint} onSelect={act(run)}>
                      {label}
                    </Item>
                  ))}
                </Command.Group>
              )}
              <Command.Group heading="Pages" className={GROUP}>
                {PAGES.map(({ key, href, label }) => (
                  <Item key={href} value={`page ${label}`} hint={`g ${key}`} onSelect={go(href)}>
                    {label}
                  </Item>
                ))}
                <Item value="page new run start measure" hint="n" onSelect={go("/runs/new")}>
                  New run
                </Item>
              </Command.Group>
              <Command.Group
                heading={
                  runs && runs.totalCount > 8
                    ? `Runs, the newest 8 of ${runs.totalCount.toLocaleString("en-US")}`
                    : "Runs"
                }
                className={GROUP}
              >
                {nodes(runs?.edges).map((run) => (
                  // The server has chosen the runs: their words need not be found in the label again.
                  <Item
                    key={run.id}
                    value={`run ${run.key} ${wanted}`}
                    keywords={[text, run.task.title, run.task.slug, run.model.name]}
                    hint={run.status === "SUCCEEDED" ? run.key : statusLabel(run.status)}
                    onSelect={go(runLink(run))}
                  >
                    {run.task.title}{" "}
                    <span className="text-ink-3">
                      {shortModelName(run.model.name)}, {shotsLabel(run.settings.shots)}
                    </span>
                  </Item>
                ))}
              </Command.Group>
              <Command.Group heading="Models" className={GROUP}>
                {nodes(choices?.models.edges).map(({ id, name }) => (
                  <Item key={id} value={`model ${name}`} onSelect={go(modelLink(name))}>
                    {name}
                  </Item>
                ))}
              </Command.Group>
              <Command.Group heading="Tasks" className={GROUP}>
                {nodes(choices?.tasks.edges).map(({ id, slug, title, domain }) => (
                  <Item
                    key={id}
                    value={`task ${title} ${slug} ${domain}`}
                    hint={domain}
                    onSelect={go(taskLink(slug))}
                  >
                    {title}
                  </Item>
                ))}
              </Command.Group>
              <Command.Group heading="Settings" className={GROUP}>
                {["system", "light", "dark"].map((theme) => (
                  <Item
                    key={theme}
                    value={`theme ${theme} mode colours`}
                    onSelect={act(() => setTheme(theme))}
                  >
                    Theme: {theme}
                  </Item>
                ))}
                <Item value="keyboard shortcuts help keys" hint="?" onSelect={onHelp}>
                  Keyboard shortcuts
                </Item>
              </Command.Group>
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Item(props: {
  value: string;
  keywords?: string[];
  hint?: string | undefined;
  onSelect: () => void;
  children: ReactNode;
}) {
  return (
    <Command.Item
      value={props.value}
      keywords={props.keywords}
      onSelect={props.onSelect}
      className="flex cursor-pointer items-center gap-4 rounded-md px-2.5 py-1.5 text-sm data-[selected=true]:bg-sunken"
    >
      <span className="min-w-0 flex-1 truncate">{props.children}</span>
      {props.hint && <span className="shrink-0 text-xs text-ink-3">{props.hint}</span>}
    </Command.Item>
  );
}
