import type { Browser, Locator, Page } from "playwright-core";
import { firstContentfulPaint, scriptBytes, withNewPage } from "./browser.ts";
import type { Figures } from "./figures.ts";
import { interaction } from "./interaction.ts";

const TABS = [
  "Argument passing",
  "MLP activation",
  "Function application",
  "Final layer",
  "Prompts",
  "Details",
  "Prediction",
] as const;
/** Marked by the page when it has loaded the other tabs, which it does while it is left alone. */
const TABS_AHEAD = "recallscope:tabs-ahead";
const HEADS = ["L3H4", "L10H20", "L20H7", "L30H11", "L41H2", "L47H24"];
const PROMPTS = [4, 2, 7];
const KB = 1000;

/** One visit to the page of a large run: every tab twice, then what one does in them. */
export const visitRunPage = (browser: Browser, url: string, figures: Figures): Promise<void> =>
  withNewPage(browser, async (page) => {
    await page.goto(url);
    figures.add("paint", "run page", await firstContentfulPaint(page));
    await page.locator("[role=tabpanel] svg[role=img]").first().waitFor();
    await page.waitForLoadState("networkidle");
    figures.add("script", "run page, first tab", (await scriptBytes(page)) / KB);
    await page.waitForFunction((mark) => performance.getEntriesByName(mark).length > 0, TABS_AHEAD);
    for (const visit of ["first time", "again"])
      for (const name of TABS)
        figures.add("interaction", `run page, tab ${name}, ${visit}`, await openTab(page, name));
    await hoverAndSelectHeads(page, figures);
    await moveSlider(page, figures);
    await pickPrompts(page, figures);
  });

const tab = (page: Page, name: string) => page.getByRole("tab", { name: new RegExp(`^${name}`) });

async function openTab(page: Page, name: string): Promise<number> {
  await tab(page, name).hover();
  return interaction(
    page,
    "pointerdown",
    (wanted) => {
      const panel = document.querySelector("[role=tabpanel][data-state=active]");
      const of = document.getElementById(panel?.getAttribute("aria-labelledby") ?? "")?.textContent ?? "";
      if (!panel || !of.startsWith(wanted)) return false;
      return (
        panel.querySelector("svg[role=img], [role=grid], table, h2, h3") !== null &&
        panel.querySelector(".skeleton, [aria-busy=true]") === null
      );
    },
    name,
    () => tab(page, name).click(),
  );
}

async function hoverAndSelectHeads(page: Page, figures: Figures): Promise<void> {
  await openTab(page, "Argument passing");
  const map = page.getByRole("grid").first();
  const cell = (label: string) => map.locator(`[data-label=${label}]`);
  for (const label of HEADS) {
    await bring(cell(label));
    figures.add(
      "interaction",
      "run page, pointer on a head of the map to its tooltip",
      await hoverTip(page, label, () => cell(label).hover()),
    );
  }
  for (const label of HEADS) {
    await bring(cell(label));
    await cell(label).hover();
    figures.add(
      "interaction",
      "run page, click on a head to its selection",
      await interaction(
        page,
        "pointerdown",
        (wanted) =>
          location.search.includes(`head=${wanted}`) &&
          document.querySelector(`[role=tabpanel][data-state=active] [data-chosen="${wanted}"]`) !== null,
        label,
        () => cell(label).click(),
      ),
    );
  }
}

/** Scrolls to a mark and lets the scrolling end, which would take the tooltip away again. */
export async function bring(mark: Locator): Promise<void> {
  await mark.scrollIntoViewIfNeeded();
  await mark.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
}

/** From the pointer's arrival on a mark to the tooltip that begins with its label. */
export const hoverTip = (page: Page, label: string, hover: () => Promise<unknown>): Promise<number> =>
  interaction(
    page,
    "pointerover",
    (wanted) => document.querySelector("[role=tooltip]")?.textContent?.startsWith(wanted) ?? false,
    label,
    hover,
  );

async function moveSlider(page: Page, figures: Figures): Promise<void> {
  await openTab(page, "Final layer");
  const slider = page.getByRole("slider", { name: "alpha" });
  await slider.focus();
  for (let step = 0; step < 6; step++) {
    const shown = await page.getByText(/^α = /).first().textContent();
    figures.add(
      "interaction",
      "run page, one step of the alpha slider to its numbers",
      await interaction(
        page,
        "keydown",
        (before) => ![...document.querySelectorAll("p")].some((part) => part.textContent === before),
        shown,
        () => page.keyboard.press("ArrowLeft"),
      ),
    );
  }
}

async function pickPrompts(page: Page, figures: Figures): Promise<void> {
  await openTab(page, "Prompts");
  const rows = page.getByRole("table", { name: "Prompts" }).locator("tbody tr");
  for (const place of PROMPTS) {
    await rows.nth(place).hover();
    figures.add(
      "interaction",
      "run page, click on one of 225 prompts to its details",
      await interaction(
        page,
        "pointerdown",
        (before) =>
          location.search !== before && document.querySelectorAll("tr[aria-selected=true]").length === 1,
        await page.evaluate(() => location.search),
        () => rows.nth(place).click(),
      ),
    );
  }
}
