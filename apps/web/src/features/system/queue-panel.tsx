import { runsLink } from "@/features/runs/links.ts";
import { formatInteger } from "@/format/numbers.ts";
import { ButtonLink } from "@/ui/button.tsx";
import { Panel, Section } from "@/ui/page.tsx";
import type { Queue } from "./queries.ts";

const PRIORITIES = { HIGH: "High", NORMAL: "Normal", LOW: "Low" } as const;

/** What waits and what is held, by the priority of the runs. */
export function QueuePanel({ queue }: { queue: Queue }) {
  return (
    <Section
      title="Queue"
      className=""
      aside={
        <ButtonLink href={runsLink({ status: "RUNNING,QUEUED" })} look="quiet">
          Runs in it
        </ButtonLink>
      }
    >
      <Panel className="max-w-[720px] overflow-x-auto">
        <table aria-label="Queue" className="w-full text-sm">
          <thead>
            <tr className="text-xs text-ink-3">
              <th scope="col" className="h-9 px-4 text-left font-medium">
                Priority
              </th>
              <th
                scope="col"
                className="px-4 text-right font-medium"
                data-tip="Tickets that no worker has taken; a ticket brings one worker to a run"
              >
                Waiting
              </th>
              <th scope="col" className="px-4 text-right font-medium" data-tip="Tickets that workers hold">
                In hand
              </th>
              <th
                scope="col"
                className="px-4 text-right font-medium"
                data-tip="Tickets that came back too often; their runs are about to fail"
              >
                Dead letters
              </th>
            </tr>
          </thead>
          <tbody>
            {queue.byPriority.map(({ priority, waiting, active }) => (
              <tr key={priority} className="*:border-t *:border-line/70">
                <th scope="row" className="px-4 py-2 text-left font-normal">
                  {PRIORITIES[priority]}
                </th>
                <Count value={waiting} />
                <Count value={active} />
                <td className="px-4 text-right text-ink-3">–</td>
              </tr>
            ))}
            <tr className="font-medium *:border-t *:border-line-strong">
              <th scope="row" className="px-4 py-2 text-left font-medium">
                All
              </th>
              <Count value={queue.waiting} />
              <Count value={queue.active} />
              <td className={`px-4 text-right ${queue.dead > 0 ? "text-bad" : ""}`}>
                {formatInteger(queue.dead)}
              </td>
            </tr>
          </tbody>
        </table>
      </Panel>
    </Section>
  );
}

const Count = ({ value }: { value: number }) => (
  <td className={`px-4 text-right ${value === 0 ? "text-ink-3" : ""}`}>{formatInteger(value)}</td>
);
