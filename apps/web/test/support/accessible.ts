import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect } from "vitest";

/** What axe knows of WCAG 2.2, levels A and AA. */
const WCAG_22_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** The rules among them that a theme can break: both themes have the same elements. */
const COLOUR_RULES = ["color-contrast", "link-in-text-block"];

/** No violation of WCAG 2.2 AA in both themes. The page must follow the system's theme, as it does until somebody chooses one. */
export async function expectAccessible(page: Page): Promise<void> {
  await follow(page, "dark");
  await expectNoViolation(page, (axe) => axe.withRules(COLOUR_RULES));
  await follow(page, "light");
  await expectAccessibleAsItIs(page);
}

/** No violation of WCAG 2.2 AA in the theme that is shown. */
export const expectAccessibleAsItIs = (page: Page): Promise<void> =>
  expectNoViolation(page, (axe) => axe.withTags(WCAG_22_AA));

async function follow(page: Page, colorScheme: "light" | "dark"): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.waitForFunction((theme) => document.documentElement.dataset.theme === theme, colorScheme);
}

async function expectNoViolation(page: Page, choose: (axe: AxeBuilder) => AxeBuilder): Promise<void> {
  await settled(page);
  const { violations } = await choose(new AxeBuilder({ page })).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("\n")}`)).toEqual([]);
}

/** Colours are compared when transitions are over; what moves for ever (a skeleton) is not waited for. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const ending = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
}
