/**
 * Compares every fact of tasks/ with a public data set, and holds the list of those that only a reader has checked to what is left:
 * a fact that no data set has, or that one words in another way, must stand in read-again.json, and no other may.
 *
 *   cd tasks/checks && npm ci && node check-facts.mjs [--write] [--verbose] [--lre=FOLDER] [TASK...]
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { LRE, SOURCES } from "./sources.mjs";

const tasks = new URL("../", import.meta.url);
const listFile = new URL("read-again.json", import.meta.url);
const flags = process.argv.slice(2).filter((arg) => arg.startsWith("--"));
const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
const ids = readdirSync(tasks)
  .filter((file) => file.endsWith(".json"))
  .map((file) => file.slice(0, -".json".length))
  .filter((id) => wanted.length === 0 || wanted.includes(id));
const readAgain = JSON.parse(readFileSync(listFile, "utf8"));
const wrong = [];
const lreFolder = flags.find((flag) => flag.startsWith("--lre="))?.slice("--lre=".length);

/** What LRE says of facts that no data set confirms. */
function beside(id, facts) {
  const { samples } = JSON.parse(readFileSync(path.join(lreFolder, `${LRE[id]}.json`), "utf8"));
  const lower = (text) => text.toLowerCase();
  const answers = (subject) =>
    samples.filter((s) => lower(s.subject) === lower(subject)).map((s) => s.object);
  const known = facts.filter(({ subject }) => answers(subject).length);
  const other = known.filter(
    ({ subject, answer, aliases = [] }) =>
      !answers(subject).some((object) => [answer, ...aliases].map(lower).includes(lower(object))),
  );
  console.log(`  LRE agrees on ${known.length - other.length} of the ${facts.length} others`);
  for (const { subject, answer } of other)
    console.log(`  LRE: ${subject} ${answers(subject)} (here ${answer})`);
}

for (const id of ids) {
  const { facts } = JSON.parse(readFileSync(new URL(`${id}.json`, tasks), "utf8"));
  const [source, says, agrees] = SOURCES[id] ?? [null, () => null, () => false];
  const open = [];
  for (const { subject, answer, aliases = [] } of facts) {
    const values = says(subject, answer);
    if (values && [answer, ...aliases].some((form) => agrees(values, form, subject))) continue;
    open.push(subject);
    if (flags.includes("--verbose"))
      console.log(`  ${subject} (${answer}): ${values ? values.join("; ").slice(0, 160) : "not there"}`);
  }
  console.log(
    `${id}: ${facts.length - open.length} of ${facts.length} ${source ? `in ${source}` : "in a data set"}`,
  );
  if (lreFolder && LRE[id])
    beside(
      id,
      facts.filter(({ subject }) => open.includes(subject)),
    );
  if (flags.includes("--write")) {
    if (open.length) readAgain[id] = open;
    else delete readAgain[id];
    continue;
  }
  const listed = readAgain[id] ?? [];
  wrong.push(
    ...open
      .filter((s) => !listed.includes(s))
      .map((s) => `${id}: ${s} is not confirmed; read it again, then list it`),
    ...listed.filter((s) => !open.includes(s)).map((s) => `${id}: ${s} is listed but confirmed, or gone`),
  );
}
if (flags.includes("--write")) writeFileSync(listFile, `${JSON.stringify(readAgain, null, 2)}\n`);
for (const line of wrong) console.error(line);
process.exitCode = wrong.length ? 1 : 0;
