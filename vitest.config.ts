import { createRequire } from "node:module";
import { defineConfig } from "vitest/config";
import { LAVAPIPE_DRIVER } from "./packages/engine/test/devices/half/lavapipe.ts";
import { SWIFTSHADER_DRIVER } from "./packages/engine/test/devices/swiftshader.ts";

const require = createRequire(import.meta.url);
const MINUTE = 60_000;

// graphql ships two builds and refuses to work with both at once: everyone gets the one that Node's require finds.
const resolve = {
  alias: [
    { find: /^graphql$/, replacement: require.resolve("graphql") },
    // As the dashboard's tsconfig.json says; nothing else begins so.
    { find: /^@\//, replacement: `${import.meta.dirname}/apps/web/src/` },
  ],
};

const project = (name: string, root: string, options: Record<string, unknown> = {}) => ({
  resolve,
  test: { name, root, include: ["test/**/*.test.{ts,tsx,mjs}"], environment: "node", ...options },
});

export default defineConfig({
  test: {
    // Servers, databases and browsers wait more than they compute: two files at once even on two cores.
    maxWorkers: 2,
    projects: [
      project("engine", "packages/engine", {
        exclude: ["test/devices/**"],
        testTimeout: MINUTE,
        hookTimeout: 2 * MINUTE,
      }),
      // Vulkan's loader reads its variable when a process first asks for a device.
      project("devices", "packages/engine", {
        include: ["test/devices/*.test.ts"],
        globalSetup: ["test/devices/swiftshader.ts"],
        env: { VK_ICD_FILENAMES: SWIFTSHADER_DRIVER },
        // Programs of the GPU are compiled by the processor, too.
        testTimeout: 6 * MINUTE,
        hookTimeout: 6 * MINUTE,
      }),
      // The same on a driver that has float16, and on one that has not. `npm test` leaves them out (scripts/lib/test.mjs).
      project("half", "packages/engine", {
        include: ["test/devices/half/*.test.ts"],
        globalSetup: ["test/devices/swiftshader.ts", "test/devices/half/lavapipe.ts"],
        env: { VK_ICD_FILENAMES: LAVAPIPE_DRIVER },
        testTimeout: 6 * MINUTE,
        hookTimeout: 6 * MINUTE,
      }),
      project("api", "apps/api", { testTimeout: MINUTE, hookTimeout: 2 * MINUTE }),
      project("cli", "apps/cli", { testTimeout: 2 * MINUTE, hookTimeout: 2 * MINUTE }),
      project("web", "apps/web", { exclude: ["test/**/*.browser.test.ts"], testTimeout: MINUTE }),
      project("browser", "apps/web", {
        include: ["test/**/*.browser.test.ts"],
        globalSetup: ["test/support/shared-server.ts"],
        testTimeout: 3 * MINUTE,
        // The first file waits for the first runs: a minute of computing on a machine that does nothing else.
        hookTimeout: 8 * MINUTE,
        // One server serves all these files; one page at a time, after everything else, and nothing waits for a busy core.
        maxWorkers: 1,
        sequence: { groupOrder: 1 },
      }),
      project("scripts", "scripts", { testTimeout: MINUTE }),
      project("benchmarks", "benchmarks", { testTimeout: MINUTE }),
    ],
  },
});
