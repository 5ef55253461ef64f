/** `npm run schema -w @recallscope/api` writes schema.graphql from the code; `... -- --check` fails when it differs. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { printedSchema } from "../src/schema/index.ts";

const file = path.join(import.meta.dirname, "../schema.graphql");
const printed = printedSchema();
if (process.argv.includes("--check")) {
  if ((await readFile(file, "utf8").catch(() => "")) !== printed) {
    console.error("apps/api/schema.graphql is not what the code says: npm run schema -w @recallscope/api");
    process.exit(1);
  }
  console.log("apps/api/schema.graphql is current");
} else {
  await writeFile(file, printed);
  console.log("wrote apps/api/schema.graphql");
}
process.exit(0);
