import "./lib/require-node.cjs";

// Every oracle model, where `npm test` takes one model of each architecture.
process.env.RECALLSCOPE_TEST_DEVICES = "all";
const args = ["run", "--project", "devices", "--project", "half", ...process.argv.slice(2)];

import("./lib/commands.mjs").then(async ({ packageProgram, passThrough }) => {
  process.exitCode = await passThrough(process.execPath, [packageProgram("vitest/vitest.mjs"), ...args]);
});
