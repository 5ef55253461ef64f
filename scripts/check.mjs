import "./lib/require-node.cjs";

import("./lib/check.mjs").then((module) => module.check());
