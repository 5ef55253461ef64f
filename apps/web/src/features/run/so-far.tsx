"use client";
import { useEffect } from "react";
import { useQuery } from "urql";
import { estimateTip, formatEstimate } from "@/format/estimates.ts";
import { plural } from "@/format/numbers.ts";
import { KeyNumbers } from "@/ui/key-numbers.tsx";
import { Panel } from "@/ui/page.tsx";
import { ErrorState } from "@/ui/states.tsx";
import { type RunSoFar, RunSoFarQuery } from "./queries.ts";

/**
 * What the facts in finished parts of a run come to, while the run is under way.
 * @param finished parts of facts: when another one is, the numbers are asked for again
 */
export function SoFar({ run, finished }: { run: string; finished: number }) {
  const [{ data, error }, ask] = useQuery({ query: RunSoFarQuery, variables: { id: run }, pause: true });
  useEffect(() => {
    if (finished > 0) ask({ requestPolicy: "network-only" });
  }, [finished, ask]);

  if (finished === 0) return null;
  const soFar = data?.run?.soFar;
  if (!soFar)
    return error ? (
      <div className="mt-4">
        <ErrorState error={error} onRetry={() => ask({ requestPolicy: "network-only" })} />
      </div>
    ) : null;
  const { factsMeasured, factsAdmitted, factsKnown, top1, probability, heads } = soFar;
  return (
    <Panel className="mt-4 p-8">
      <section aria-labelledby="so-far">
        <h2 id="so-far" className="text-base">
          So far
        </h2>
        <p className="mt-1 text-sm text-ink-2">
          {factsMeasured} of {plural(factsAdmitted, "fact")} measured, {factsKnown} of them known. These
          numbers are of those facts only, and no result until the run has ended.
        </p>
        <div className="mt-5 grid gap-x-10 gap-y-6 md:grid-cols-2">
          <div className="-mx-1">
            <KeyNumbers
              items={[
                {
                  label: "Top-1",
                  help: "Share of prompts with the answer on top of all tokens, of the facts measured so far.",
                  unit: "share",
                  estimate: top1,
                },
                {
                  label: "Answer probability",
                  help: "Mean probability of the answer, of the facts measured so far.",
                  unit: "probability",
                  estimate: probability,
                },
              ]}
            />
          </div>
          <Heads heads={heads} />
        </div>
      </section>
    </Panel>
  );
}

function Heads({ heads }: Pick<RunSoFar, "heads">) {
  const [first] = heads;
  if (!first || first.effect.value === null)
    return (
      <p className="text-sm text-ink-2">No patched head yet: {first?.effect.reason ?? "none is there"}.</p>
    );
  const largest = Math.max(...heads.map(({ effect }) => Math.abs(effect.value ?? 0))) || 1;
  return (
    <table className="w-full text-sm">
      <caption className="label pb-1.5 text-left">
        Strongest heads by patching effect, n {first.effect.n}
      </caption>
      <thead className="sr-only">
        <tr>
          <th scope="col">Head</th>
          <th scope="col">Effect as a bar</th>
          <th scope="col">Effect</th>
        </tr>
      </thead>
      <tbody>
        {heads.map(({ label, effect }) => (
          <tr
            key={label}
            data-tip={estimateTip(label, effect, "effect", ["no test before the run has ended"])}
          >
            <th scope="row" className="w-16 py-[3px] text-left font-medium">
              {label}
            </th>
            <td>
              <span className="block h-2 rounded-full bg-sunken">
                <span
                  className={`block h-full rounded-full ${(effect.value ?? 0) < 0 ? "bg-(--bar-negative)" : "bg-(--bar-positive)"}`}
                  style={{ width: `${(100 * Math.abs(effect.value ?? 0)) / largest}%` }}
                />
              </span>
            </td>
            <td className="w-20 text-right">{formatEstimate(effect, "effect", true)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
