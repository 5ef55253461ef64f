/** The platform as a process of its own, on a real data folder, with the fake engine: something that a test can kill. */
import path from "node:path";
import { readConfig } from "../../src/env.ts";
import { start } from "../../src/start.ts";
import { fakeEngine } from "./fake-engine.ts";
import { quiet } from "./quiet.ts";

const [models, steps, stepMs] = process.argv.slice(2);
const engine = fakeEngine({ steps: Number(steps), stepMs: Number(stepMs) });
try {
  const { url, stop } = await start({
    config: { ...readConfig(), port: 0, modelsFolder: models!, webFolder: path.join(models!, "no-web") },
    engines: { runs: engine, interactive: engine, live: engine },
    log: quiet,
    onStep: (line) => console.log(`step ${line}`),
  });
  console.log(`ready ${url}`);
  process.on("SIGTERM", () => void stop().then(() => process.exit(0)));
} catch (error) {
  console.log(`failed ${(error as { code?: string }).code} ${(error as Error).message}`);
  process.exit(1);
}
