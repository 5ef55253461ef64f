import type { TestProject } from "vitest/node";
import { findChromium } from "./chromium.ts";
import { startServer } from "./server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the shared server answers; null where there is no browser to ask it. */
    dashboardUrl: string | null;
  }
}

/**
 * Starts the one server of all browser tests before the first of them, and stops it after the last. It computes its first
 * runs while other tests run; `useDashboard` waits for them. DASHBOARD_URL names a server that runs already.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (!findChromium()) {
    const note = "no Chromium found: install one or set CHROME_PATH to run the browser tests";
    if (process.env.CI) throw new Error(note);
    console.warn(`skipped: ${note}`);
    project.provide("dashboardUrl", null);
    return undefined;
  }
  const running = process.env.DASHBOARD_URL;
  if (running) {
    project.provide("dashboardUrl", running.replace(/\/$/, ""));
    return undefined;
  }
  const server = await startServer();
  project.provide("dashboardUrl", server.url);
  return () => server.stop();
}
