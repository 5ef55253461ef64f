import "./lib/require-node.cjs";

import("./lib/test.mjs").then((module) => module.test(process.argv.slice(2)));
