"use client";
import { createRunMutation } from "@/features/new-run/commands.ts";
import { CodeBlock } from "@/ui/copy-button.tsx";
import { Panel, Section } from "@/ui/page.tsx";
import type { RunDetails } from "../queries.ts";

/** What it takes to measure the same numbers again. */
export function RepeatPanel({ details }: { details: RunDetails }) {
  const { receipt } = details;
  if (!receipt) return null;
  return (
    <Section title="Repeat this run" className="mt-0">
      <Panel className="grid gap-4 px-5 py-4 lg:grid-cols-2">
        <CodeBlock label="Command line" code={receipt.command} />
        <CodeBlock
          label="GraphQL"
          code={createRunMutation({
            model: receipt.modelName,
            task: receipt.taskSlug,
            settings: receipt.settings,
            force: true,
          })}
        />
      </Panel>
    </Section>
  );
}
