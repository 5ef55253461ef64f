import { machineText } from "../machine.ts";
import { type LoadReport, ms, TARGETS, type Timing } from "./load-report.ts";

/** The section of `docs/benchmarks.md` about a team's server. */
export function loadSection(report: LoadReport): string {
  const { date, machine, loadBefore, runs, databaseMb, pages, compare, compareLarge, subscribers } = report;
  const pageTarget = `under ${TARGETS.pageP95Ms} ms`;
  return [
    "## A team's server under load",
    `\`npm run bench:load -- --json benchmarks/load.json\` on ${date.slice(0, 10)}, ${machineText(machine)}, PostgreSQL ${machine.postgres} on the same
machine, which had ${loadBefore.toFixed(1)} other processes at work in the minute before. The server that \`npm start\` starts, ${runs} stored runs with report, prompts and arrays (${databaseMb} MB), and a run of a bundled
model that is computed all the while. Times are of whole requests, one after the other, as a browser on this machine sees them; the queries are the dashboard's own, pages are of 50 runs.`,
    table([
      [pages.all, pageTarget, pages.all.p95Ms < TARGETS.pageP95Ms],
      ...pages.variants.map((timing): Line => [timing, "", null]),
      ...[compare.first, compare.again].map(
        (timing): Line => [timing, `under ${TARGETS.compareP95Ms} ms`, timing.p95Ms < TARGETS.compareP95Ms],
      ),
      ...[compareLarge.first, compareLarge.again].map((timing): Line => [timing, "", null]),
    ]),
    `${subscribers.complete} of ${subscribers.count} subscribers of one run were told of its start, all its progress and its end (target: all); each got ${subscribers.fewest === subscribers.most ? subscribers.most : `${subscribers.fewest} to ${subscribers.most}`} events,
the last subscriber at most ${ms(subscribers.slowestMs)} after the first.`,
  ].join("\n\n");
}

type Line = [timing: Timing, target: string, met: boolean | null];

function table(lines: readonly Line[]): string {
  const rows = lines.map(
    ([{ name, count, medianMs, p95Ms, worstMs }, target, met], i) =>
      `| ${i === 0 ? `pages of the list of runs, ${name}` : name} | ${count} | ${ms(medianMs)} | ${ms(p95Ms)} | ${ms(worstMs)} | ${target} | ${met === null ? "" : met ? "yes" : "**no**"} |`,
  );
  return [
    "| work | requests | median | 95 % within | worst | target | met |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...rows,
  ].join("\n");
}
