import { bench } from "./bench.ts";
import { orExit } from "./exit.ts";

await orExit(bench(process.argv.slice(2), false));
