import "./lib/require-node.cjs";

// Loaded only after the check: an old Node could not even parse the rest.
import("./lib/start.mjs").then((module) => module.startWorker());
