import { machineText } from "../machine.ts";
import {
  isMet,
  judged,
  KINDS,
  median,
  print,
  SHAPE,
  TARGETS,
  type WebFigure,
  type WebReport,
} from "./web-report.ts";

/** The section of `docs/benchmarks.md` about the dashboard. */
export const webSection = ({ date, machine, loadBefore, runs, figures }: WebReport): string =>
  [
    "## The dashboard in a browser",
    `\`npm run bench:web -- --json benchmarks/web.json\` on ${date.slice(0, 10)}, ${machineText(machine)}, Chromium ${machine.chromium}, on a machine
which had ${loadBefore.toFixed(1)} other processes at work in the minute before. A store of ${runs} runs, ${SHAPE.compared} of them of the shape of ${SHAPE.name} (${SHAPE.layers} x ${SHAPE.heads} heads, ${SHAPE.prompts} prompts); each visit
is a new one, with empty caches. An interaction lasts from the input event to the end of the frame that shows its answer, code and numbers loaded. The run page is left alone until it has loaded its other tabs, some three seconds. Half of the values must be below the
target, of frames 95 %.`,
    [
      "| | figure | n | judged | median | worst | target | met |",
      "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
      ...figures.map(row),
    ].join("\n"),
  ].join("\n\n");

function row(figure: WebFigure): string {
  const { kind, name, values } = figure;
  const shown = [judged(figure), median(values), Math.max(...values)].map((value) => print(kind, value));
  const target = `under ${print(kind, TARGETS[kind])}`;
  return `| ${KINDS[kind]} | ${name} | ${values.length} | ${shown.join(" | ")} | ${target} | ${isMet(figure) ? "yes" : "**no**"} |`;
}
