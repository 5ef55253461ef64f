"use client";
import { useQuery } from "urql";
import { createRunMutation } from "@/features/new-run/commands.ts";
import { curlOf } from "@/graphql/request-text.ts";
import { usesToken, ViewerQuery } from "@/graphql/viewer.ts";
import { CodeBlock } from "@/ui/copy-button.tsx";
import { Hash } from "@/ui/hash.tsx";
import { Panel, Section } from "@/ui/page.tsx";
import { QueryView } from "@/ui/query-view.tsx";
import { Skeleton } from "@/ui/states.tsx";
import { RepeatQuery, type RepeatReceipt } from "./queries.ts";

/** The end of the page: what it takes to measure the same numbers again. */
export function RepeatSection({ run }: { run: string }) {
  const [state, retry] = useQuery({ query: RepeatQuery, variables: { id: run } });
  return (
    <Section title="Repeat this run" className="mt-14 border-t border-line pt-6">
      <QueryView
        state={state}
        retry={retry}
        pick={(data) => data.run?.receipt}
        skeleton={<Skeleton className="h-[340px]" />}
        missing={<p className="text-sm text-ink-2">This run has no receipt.</p>}
      >
        {(receipt) => <Repeat receipt={receipt} />}
      </QueryView>
    </Section>
  );
}

function Repeat({ receipt }: { receipt: RepeatReceipt }) {
  const [viewer] = useQuery({ query: ViewerQuery });
  const { model, settings } = receipt;
  const mutation = createRunMutation({
    model: receipt.modelName,
    task: receipt.taskSlug,
    settings,
    force: true,
  });
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_320px]">
      <Panel className="grid gap-4 px-5 py-4">
        <CodeBlock label="Command line" code={receipt.command} />
        <div className="grid gap-4 xl:grid-cols-2">
          <CodeBlock label="GraphQL" code={mutation} />
          <CodeBlock label="cURL" code={curlOf(mutation, window.location.origin, usesToken(viewer.data))} />
        </div>
      </Panel>
      <Panel className="px-5 py-4">
        <p className="mb-2 text-sm text-ink-2">
          The same weights, task, settings and semantics give the same key, and the same numbers.
        </p>
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-2.5 text-sm">
          <Row name="Seed">{settings.seed}</Row>
          <Row name="Weights">
            <Hash value={model.weightHash} />
          </Row>
          <Row name="Tokenizer">
            <Hash value={model.tokenizerHash} />
          </Row>
          <Row name="Task">
            <Hash value={receipt.taskHash} />
          </Row>
          <Row name="Engine">
            {receipt.engineVersion}, semantics {receipt.semanticsVersion}
          </Row>
          <Row name="Runtime">
            ONNX Runtime {receipt.onnxruntime}, Node {receipt.node}
          </Row>
          <Row name="Computed on">
            {receipt.platform}, {receipt.device}, {receipt.computeDtype}
          </Row>
        </dl>
      </Panel>
    </div>
  );
}

const Row = ({ name, children }: { name: string; children: React.ReactNode }) => (
  <div className="contents">
    <dt className="text-ink-3">{name}</dt>
    <dd className="min-w-0 text-right">{children}</dd>
  </div>
);
