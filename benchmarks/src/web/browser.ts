import { type Browser, chromium, type Page } from "playwright-core";
import { findChromium, LAUNCH_ARGUMENTS } from "../../../apps/web/test/support/chromium.ts";

/** @throws Error where there is no Chromium */
export async function launch(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error("no Chromium found: install one or set CHROME_PATH");
  return chromium.launch({ executablePath, args: LAUNCH_ARGUMENTS });
}

/** A page as a new visitor has it, nothing in any cache. Closed when `work` is done. */
export async function withNewPage<T>(browser: Browser, work: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(120_000);
  // The helper that the compiler puts around named functions, in the functions that run in the page, too.
  await context.addInitScript("globalThis.__name = (named) => named");
  try {
    return await work(await context.newPage());
  } finally {
    await context.close();
  }
}

/** Milliseconds from the start of the navigation to the first paint of content. */
export const firstContentfulPaint = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => {
          const [entry] = list.getEntriesByName("first-contentful-paint");
          if (entry) resolve(entry.startTime);
        }).observe({ type: "paint", buffered: true });
      }),
  );

/** Bytes on the wire of all scripts that the page has loaded, without headers. */
export async function scriptBytes(page: Page): Promise<number> {
  const scripts = await page.evaluate(() =>
    (performance.getEntriesByType("resource") as PerformanceResourceTiming[])
      .filter(({ name }) => new URL(name).pathname.endsWith(".js"))
      .map(({ encodedBodySize, decodedBodySize }) => ({ encodedBodySize, decodedBodySize })),
  );
  if (scripts.length === 0 || scripts.some(({ encodedBodySize }) => encodedBodySize === 0))
    throw new Error("the browser does not say how large the scripts are");
  return scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
}
