/** The platform as a process of its own, with the real engine and without the runs of a first start. */
import { createEngineClient } from "@recallscope/engine/worker";
import { readConfig } from "../../src/env.ts";
import { start } from "../../src/start.ts";
import { quiet } from "./quiet.ts";

const config = { ...readConfig(), port: 0, webFolder: "none" };
const engine = () =>
  createEngineClient({ modelsFolder: config.modelsFolder, weightsFolder: config.weightsFolder });
try {
  const { url, stop } = await start({
    config,
    log: quiet,
    engines: { runs: engine(), interactive: engine(), live: engine() },
  });
  console.log(`ready ${url}`);
  process.on("SIGTERM", () => void stop().then(() => process.exit(0)));
} catch (error) {
  console.log(`failed ${(error as { code?: string }).code} ${(error as Error).message}`);
  process.exit(1);
}
