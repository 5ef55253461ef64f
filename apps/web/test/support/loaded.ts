import type { Page } from "playwright-core";

/** Waits until the page says something and nothing on it is a placeholder any more. */
export async function loaded(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const main = document.querySelector("main");
    return main !== null && main.innerText.trim() !== "" && main.querySelector(".skeleton") === null;
  });
}
