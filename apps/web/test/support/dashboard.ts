import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, inject } from "vitest";
import { ask } from "./ask.ts";
import { findChromium, LAUNCH_ARGUMENTS } from "./chromium.ts";
import { type FinishedRun, finishedRuns } from "./finished-runs.ts";

export interface Dashboard {
  /** Of the shared server, without a slash at the end. */
  url: string;
  /** Runs that were finished when the file began, oldest first: at least three models. */
  runs: readonly FinishedRun[];
  /** What its API answers. @throws Error when it refuses */
  ask: <Data>(query: string, variables?: object) => Promise<Data>;
  /** A new page (1280 x 900, light, in a context of its own) at a path of the dashboard. */
  open: (path: string, options?: BrowserContextOptions) => Promise<Page>;
  /** Opens a page without going anywhere, for routes that must be in place before. */
  newPage: (options?: BrowserContextOptions) => Promise<Page>;
  /** Console errors, uncaught exceptions and failed responses so far, which are then forgotten: for a test that provokes them. */
  takeProblems: () => string[];
}

/**
 * The way into every browser test: a `describe` with one browser for its file and the server that all files share.
 *
 * ```ts
 * describeDashboard("the runs page", (dashboard) => {
 *   it("lists runs", async () => {
 *     const page = await dashboard.open("/runs");
 *     await page.getByRole("table", { name: "Runs" }).waitFor();
 *     await expectAccessible(page);
 *   });
 * });
 * ```
 *
 * Pages may be shared by the tests of a file (open one in `beforeAll`); all are closed at its end. After each test the
 * console must be free of errors and no response may have failed; `takeProblems` is for tests of just that. The store is
 * shared: a test changes what it made itself (a run with its own seed, a tag with its own name), and never counts all runs.
 */
export function describeDashboard(name: string, tests: (dashboard: Dashboard) => void): void {
  const url = inject("dashboardUrl");
  describe.skipIf(url === null)(name, () => {
    let browser: Browser;
    let problems: string[] = [];
    const takeProblems = () => {
      const taken = problems;
      problems = [];
      return taken;
    };
    const newPage = async (options: BrowserContextOptions = {}) => {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 900 },
        colorScheme: "light",
        ...options,
      });
      context.setDefaultTimeout(30_000);
      const page = await context.newPage();
      page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
      page.on("pageerror", (error) => problems.push(error.message));
      page.on(
        "response",
        (response) => response.status() >= 400 && problems.push(`${response.status()} ${response.url()}`),
      );
      return page;
    };
    const dashboard: Dashboard = {
      url: url ?? "",
      runs: [],
      ask: (query, variables) => ask(dashboard.url, query, variables),
      newPage,
      open: async (path, options) => {
        const page = await newPage(options);
        await page.goto(dashboard.url + path);
        return page;
      },
      takeProblems,
    };

    beforeAll(async () => {
      dashboard.runs = await finishedRuns(dashboard.url);
      browser = await chromium.launch({ executablePath: findChromium() ?? "", args: LAUNCH_ARGUMENTS });
    });
    afterEach(() => {
      expect(takeProblems(), "errors in the browser").toEqual([]);
    });
    afterAll(() => browser?.close());
    tests(dashboard);
  });
}
