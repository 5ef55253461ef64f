import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { TABS } from "../src/features/run/view-state.ts";
import { expectAccessible } from "./support/accessible.ts";
import { ADDRESSES, addressIn, runOf } from "./support/addresses.ts";
import { describeDashboard } from "./support/dashboard.ts";
import { loaded } from "./support/loaded.ts";
import { routes } from "./support/routes.ts";

describe("the list of addresses", () => {
  it("has every page", () => {
    expect(Object.keys(ADDRESSES).sort()).toEqual(routes());
  });
});

describeDashboard("every page", (dashboard) => {
  let page: Page;
  beforeAll(async () => {
    page = await dashboard.newPage();
  });
  const open = async (address: string) => {
    await page.goto(dashboard.url + addressIn(dashboard.runs, address));
    await loaded(page);
    expect(await page.getByText("The server could not answer").count(), "errors instead of the page").toBe(0);
  };

  it.each(Object.values(ADDRESSES).flat())("%s meets WCAG 2.2 AA in both themes", async (address) => {
    await open(address);
    await expectAccessible(page);
  });

  it.each([...TABS.map((tab) => `/runs/RUN?tab=${tab}`), "/compare?runs=RUN,OTHER"])(
    "%s shows each figure as a table, too",
    async (address) => {
      await open(address);
      const figures = page.locator("figure");
      for (let i = 0; i < (await figures.count()); i++) {
        const figure = figures.nth(i);
        const title = await figure.getByRole("heading").first().textContent();
        await figure.getByRole("button", { name: "Show as table" }).click();
        const rows = figure.getByRole("region", { name: "Table" }).locator("tbody tr");
        expect(await rows.count(), title ?? "").toBeGreaterThan(0);
        expect(await figure.locator("svg:is([role=img], [role=grid])").count(), title ?? "").toBe(0);
        await figure.getByRole("button", { name: "Show as figure" }).click();
      }
    },
  );

  it("moves nothing for readers who do not want it", async () => {
    const still = await dashboard.newPage({ reducedMotion: "reduce" });
    for (const address of ["/", `/runs/${runOf(dashboard.runs)}?tab=prompts&prompt=0`]) {
      await still.goto(dashboard.url + address);
      await loaded(still);
      const longest = await still.evaluate(() =>
        Math.max(
          0,
          ...[...document.querySelectorAll("*")].flatMap((element) => {
            const { animationName, animationDuration, transitionDuration } = getComputedStyle(element);
            const seconds = (list: string) => list.split(",").map((part) => Number.parseFloat(part));
            return [
              ...(animationName === "none" ? [] : seconds(animationDuration)),
              ...seconds(transitionDuration),
            ];
          }),
        ),
      );
      expect(longest, address).toBeLessThan(0.001);
    }
  });
});

describeDashboard("by keyboard alone", (dashboard) => {
  it("one gets from the list to a head of a run and back, and sees where one is", async () => {
    const page = await dashboard.open(`/runs/${runOf(dashboard.runs)}?tab=heads`);
    const map = page.getByRole("grid").first();
    await map.waitFor();
    const seen: string[] = [];
    while (!(await map.locator(":focus").count())) {
      await page.keyboard.press("Tab");
      const focus = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        const visible = outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2;
        return { name: element.getAttribute("aria-label") ?? element.textContent ?? "", visible };
      });
      expect(focus.visible, `focus on ${focus.name} is visible`).toBe(true);
      seen.push(focus.name);
      expect(seen.length, seen.join("; ")).toBeLessThan(60);
    }
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/head=L1H1/);
    await page.keyboard.press("Escape");
    await page.waitForURL((url) => !url.searchParams.has("head"));
  });
});
