import { setTimeout } from "node:timers/promises";
import type { Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { expectAccessibleAsItIs } from "./support/accessible.ts";
import { describeDashboard } from "./support/dashboard.ts";

const RUN_LIMIT = 150_000;

describeDashboard("the dashboard", (dashboard) => {
  let page: Page;
  beforeAll(async () => {
    page = await dashboard.newPage();
  });
  const open = (path: string) => page.goto(dashboard.url + path);
  const tab = (name: RegExp) => page.getByRole("tab", { name });

  it("says what it does", async () => {
    await open("/");
    await page.getByRole("heading", { name: /recall a fact/ }).waitFor();
    await page.getByText("country", { exact: false }).first().waitFor();
  });

  it("previews a run, starts it and follows it to its end", async () => {
    // Whatever answer comes last: the page may not take what it knew of the running run for what the run found.
    await page.route("**/graphql", async (route) => {
      if (route.request().postData()?.includes("query RunHeader")) await setTimeout(500);
      await route.continue();
    });
    await open("/runs/new?model=recall-gpt2&task=country-capital&shots=1&seed=7");
    await page.getByRole("heading", { name: "Prompts", exact: true }).waitFor();
    expect(await page.getByText(/npx recallscope run .*--shots 1 .*--seed 7/).count()).toBe(1);
    await page.getByRole("button", { name: "Start run" }).click();
    await page.waitForURL(/\/runs\/[^/?]+$/);
    await page.getByRole("progressbar").first().waitFor();
    await tab(/Argument passing/).waitFor({ timeout: RUN_LIMIT });
    await page.getByRole("img", { name: /Logit lens/ }).waitFor();
    await page.getByText("ONNX Runtime").first().waitFor();
    await page.unroute("**/graphql");
  });

  it("shows the head heat map, by pointer and by keyboard", async () => {
    const run = dashboard.runs.find(({ model }) => model === "recall-gpt2");
    await open(`/runs/${run?.key}`);
    await tab(/Argument passing/).click();
    const map = page.getByRole("grid", { name: "Patching effect, layer by head" });
    await map.waitFor();
    // Six layers of four heads.
    await expect.poll(() => map.getByRole("gridcell").count()).toBe(24);
    await map.getByRole("gridcell", { name: /^L1H2:/ }).click();
    await page.waitForURL(/tab=heads&head=L1H2/);
    await page.getByRole("heading", { name: "L1H2" }).waitFor();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.waitForURL(/head=L1H3/);
    await page.goBack();
    await page.waitForURL(/head=L1H2/);
    await page.keyboard.press("Escape");
    await page.waitForURL((url) => !url.searchParams.has("head"));
  });

  it("shows every mechanism", async () => {
    for (const [name, part] of [
      [/MLP activation/, page.getByRole("table", { name: /Weights of MLP/ })],
      [/Function application/, page.getByRole("img", { name: "Type gain by layer" })],
      [/Final layer/, page.getByRole("slider", { name: "alpha" })],
      [/Prompts/, page.getByRole("table", { name: "Prompts" })],
      [/Details/, page.getByRole("heading", { name: "Repeat this run" })],
    ] as const) {
      await tab(name).click();
      await part.waitFor();
    }
  });

  it("compares two runs on one scale", async () => {
    await open("/runs?status=SUCCEEDED");
    const boxes = page.getByRole("checkbox", { name: /^Select .+, .+/ });
    await boxes.nth(1).waitFor();
    await boxes.nth(0).click();
    await boxes.nth(1).click();
    await page.getByRole("link", { name: "Compare" }).last().click();
    await page.waitForURL(/\/compare\?runs=[^,]+,[^,]+/);
    await page.getByRole("table", { name: "Key numbers" }).waitFor();
    expect(await page.getByRole("grid").count()).toBe(2);
    await page.getByRole("img", { name: "Logit lens of the answer by relative depth" }).waitFor();
  });

  it("keeps its contrast in the dark", async () => {
    await page.getByRole("button", { name: "Theme" }).click();
    await page.getByRole("menuitem", { name: "Dark" }).click();
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark");
    await page.getByRole("menu").waitFor({ state: "detached" });
    await expectAccessibleAsItIs(page);
  });

  it("sends scripts compressed, to be kept for ever", async () => {
    const html = await (await fetch(dashboard.url)).text();
    const script = /\/_next\/static\/chunks\/[^"]+\.js/.exec(html)![0];
    const lengths: number[] = [];
    for (const encoding of ["identity", "gzip", "br"]) {
      const response = await fetch(dashboard.url + script, { headers: { "accept-encoding": encoding } });
      expect(response.headers.get("content-encoding") ?? "identity").toBe(encoding);
      expect(response.headers.get("cache-control")).toBe("public,max-age=31536000,immutable");
      lengths.push(Number(response.headers.get("content-length")));
      await response.arrayBuffer();
    }
    expect(lengths).toEqual(lengths.toSorted((a, b) => b - a));
    expect((await fetch(`${dashboard.url}/_next/static/none.js`)).status).toBe(404);
  });

  it("tells what is missing", async () => {
    await open("/runs/0000000000000000");
    await page.getByText("There is no such run").waitFor();
    await open("/tasks/no-such-task");
    await page.getByText("There is no task no-such-task").waitFor();
  });
});
