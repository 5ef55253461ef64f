/** A process of its own that downloads owner/name: `download-once.ts HUB_URL CACHE_FOLDER`. Prints the folder. */
import { resolveModel } from "../../src/checkpoints/resolve-model.ts";

const [hubUrl, cacheFolder] = process.argv.slice(2);
const places = { modelsFolder: "/nothing", cacheFolder: cacheFolder!, hubUrl: hubUrl!, retryDelay: 1 };
process.stdout.write(await resolveModel("owner/name", places));
