import type { Browser } from "playwright-core";
import { firstContentfulPaint, withNewPage } from "./browser.ts";
import type { Figures } from "./figures.ts";
import { framesWhileScrolling, interaction } from "./interaction.ts";
import { bring, hoverTip } from "./measure-run-page.ts";

const HEADS = ["L5H5", "L12H21", "L33H8", "L46H19"];
const METRICS = ["Attention to subject", "Writes the answer", "Effect"];
/** Of 100 rows each. */
const PAGES = 6;
const STEPS = 8;

/** The compare page of several large runs. */
export const visitComparePage = (browser: Browser, url: string, figures: Figures): Promise<void> =>
  withNewPage(browser, async (page) => {
    await page.goto(url);
    figures.add("paint", "compare page", await firstContentfulPaint(page));
    const maps = page.getByRole("grid");
    await maps.first().waitFor();
    for (const [i, label] of HEADS.entries()) {
      const cell = maps.nth(i).locator(`[data-label=${label}]`);
      await bring(cell);
      figures.add(
        "interaction",
        "compare page, pointer on a head of a map to its tooltip",
        await hoverTip(page, label, () => cell.hover()),
      );
    }
    for (const name of METRICS) {
      const choice = page.getByRole("radio", { name, exact: true });
      await choice.hover();
      const before = await maps.first().getAttribute("aria-label");
      figures.add(
        "interaction",
        "compare page, another metric to the maps of all runs",
        await interaction(
          page,
          "pointerdown",
          (old) => document.querySelector("[role=grid]")?.getAttribute("aria-label") !== old,
          before,
          () => choice.click(),
        ),
      );
    }
  });

/** The list of all runs: pages one after the other, then the wheel over what is there. */
export const visitRunsPage = (browser: Browser, url: string, figures: Figures): Promise<void> =>
  withNewPage(browser, async (page) => {
    await page.goto(url);
    figures.add("paint", "list of runs", await firstContentfulPaint(page));
    await page.locator("tbody tr").first().waitFor();
    for (let turn = 1; turn < PAGES; turn++) {
      const more = page.getByRole("button", { name: /Load more|Next/ });
      await more.scrollIntoViewIfNeeded();
      await more.hover();
      const last = await page.locator("tbody tr").last().textContent();
      figures.add(
        "interaction",
        "list of runs, the next 100 of them",
        await interaction(
          page,
          "pointerdown",
          (old) => [...document.querySelectorAll("tbody tr")].at(-1)?.textContent !== old,
          last,
          () => more.click(),
        ),
      );
    }
    await page.evaluate(() => scrollTo(0, 0));
    await page.mouse.move(640, 500);
    figures.add(
      "frame",
      "list of runs, wheel over the table",
      ...(await framesWhileScrolling(page, 60, 120)),
    );
  });

/** A prompt of a run of a bundled model, computed anew at each step of a slider. */
export const visitLivePrompt = (browser: Browser, url: string, figures: Figures): Promise<void> =>
  withNewPage(browser, async (page) => {
    await page.goto(url);
    const slider = page.getByRole("slider", { name: /^scale of L/ }).first();
    await slider.scrollIntoViewIfNeeded();
    await page.waitForLoadState("networkidle");
    await slider.focus();
    for (let step = 0; step < STEPS; step++) {
      const before = await page.locator("[data-answered]").getAttribute("data-answered");
      figures.add(
        "answer",
        "run page, one step of a head's slider to the model's answer",
        await interaction(
          page,
          "keydown",
          (old) => {
            const panel = document.querySelector<HTMLElement>("[data-answered]");
            return panel?.dataset.answered !== old && panel?.ariaBusy === "false";
          },
          before,
          () => page.keyboard.press("ArrowLeft"),
        ),
      );
    }
  });

export const visitHome = (browser: Browser, url: string, figures: Figures): Promise<void> =>
  withNewPage(browser, async (page) => {
    await page.goto(url);
    figures.add("paint", "home", await firstContentfulPaint(page));
  });
