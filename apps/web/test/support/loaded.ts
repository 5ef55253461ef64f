import type { Page } from "playwright-core";

/** Waits until nothing on the page is a placeholder any more. */
export async function loaded(page: Page): Promise<void> {
  await page.locator("main").getByRole("heading").first().waitFor();
  await page.waitForFunction(() => document.querySelector("main .skeleton") === null);
}
