import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { expectAccessible } from "./support/accessible.ts";
import { describeDashboard } from "./support/dashboard.ts";
import { colorOf } from "./support/head-map-colors.ts";

const RUN_LIMIT = 240_000;
/** As long as the browser waits for anything. */
const SOON = { timeout: 15_000 };

describeDashboard("the compare page", (dashboard) => {
  const folder = mkdtempSync(path.join(tmpdir(), "recallscope-compare-"));
  let page: Page;
  /** Ids of runs of one task: the baseline and another model. */
  let baseline: string;
  let other: string;
  /** Id of a run of the baseline's model with another task, and fewer analyses. */
  let otherTask: string;

  const { ask } = dashboard;
  const create = async (input: object): Promise<string> => {
    const query = "mutation ($input: CreateRunInput!) { createRun(input: $input) { run { id } } }";
    return (await ask<{ createRun: { run: { id: string } } }>(query, { input })).createRun.run.id;
  };
  const finished = (id: string) =>
    vi.waitFor(
      async () =>
        expect(await ask(`{ run(id: "${id}") { status } }`)).toEqual({ run: { status: "SUCCEEDED" } }),
      { timeout: RUN_LIMIT, interval: 500 },
    );
  const report = (on: Page) => on.locator("[data-report]");
  const ready = async (on: Page) => {
    await report(on).waitFor();
    // Paired numbers and the matching come after the rest.
    await on.waitForFunction(() => document.querySelectorAll("[data-report] .skeleton").length === 0);
  };

  beforeAll(async () => {
    const capitals = dashboard.runs.filter(({ task }) => task === "country-capital");
    const [first, second] = ["recall-gpt2-1m", "recall-llama"].map((model) =>
      capitals.find((run) => run.model === model),
    );
    if (!first || !second) throw new Error("the server's first runs are missing");
    [baseline, other] = [first.id, second.id];
    otherTask = await create({
      model: "recall-gpt2-1m",
      task: "country-language",
      settings: { seed: 71, analyses: [] },
    });
    await finished(otherTask);
    page = await dashboard.open(`/compare?runs=${baseline},${other}`);
  }, RUN_LIMIT);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("shows verdicts, paired deltas with their n, curves and heads of two models", async () => {
    await ready(page);
    const mechanism = page.getByRole("table", { name: "Mechanism" });
    for (const step of ["Argument passing", "MLP activation", "Function application", "Final layer"])
      await mechanism.getByRole("rowheader", { name: step }).waitFor();
    await mechanism
      .getByRole("button", { name: /present|absent|inconclusive/ })
      .first()
      .click();
    await page.getByText("The rule").waitFor();
    await page.keyboard.press("Escape");
    // The number of the page is the server's.
    const { compareRuns } = await ask<{
      compareRuns: {
        runs: { toBaseline: { metrics: { metric: string; delta: { value: number; n: number } }[] } | null }[];
      };
    }>(
      `query ($ids: [ID!]!) { compareRuns(ids: $ids) { runs { toBaseline { metrics { metric delta { value n } } } } } }`,
      { ids: [baseline, other] },
    );
    const delta = compareRuns.runs[1]?.toBaseline?.metrics.find(({ metric }) => metric === "logProb")?.delta;
    const row = page.getByRole("row", { name: /^log p\(answer\)/ });
    const shown = row.locator("[data-tip*='paired']");
    expect((await shown.textContent())?.replace("−", "-")).toContain(delta?.value.toPrecision(3));
    expect(await shown.getAttribute("data-tip")).toContain(`n\t${delta?.n} facts`);
    expect(await page.getByRole("grid").count()).toBe(2);
    await page.getByRole("img", { name: "Logit lens of the answer by relative depth" }).waitFor();
    await page.getByRole("img", { name: /^Matched heads of/ }).waitFor();
    await expectAccessible(page);
  });

  it("changes the baseline by a click, and back", async () => {
    await page
      .getByRole("table", { name: "Key numbers" })
      .getByRole("button", { name: "recall-llama" })
      .click();
    await page.waitForURL((url) => url.searchParams.get("base") === other);
    const column = page
      .getByRole("table", { name: "Key numbers" })
      .getByRole("columnheader", { name: /baseline/ });
    await column.filter({ hasText: "recall-llama" }).waitFor();
    await page.goBack();
    await column.filter({ hasText: "recall-gpt2-1m" }).waitFor();
  });

  it("lays curves over layers or side by side, and keeps that in the address", async () => {
    await page.getByRole("radio", { name: "Head effects" }).click();
    await page.getByRole("radio", { name: "Layer", exact: true }).click();
    await page.getByRole("img", { name: "Where the head effects lie by layer" }).waitFor();
    await page.getByRole("radio", { name: "Side by side" }).click();
    await page
      .getByRole("img", { name: "Where the head effects lie by layer" })
      .waitFor({ state: "detached" });
    expect(await page.getByRole("img", { name: /by layer$/ }).count()).toBe(2);
    const { searchParams } = new URL(page.url());
    expect(["curve", "scale", "layout"].map((key) => searchParams.get(key))).toEqual([
      "mass",
      "layer",
      "multiples",
    ]);
  });

  it("lets the heads' names and tooltips follow the metric", async () => {
    const map = page.getByRole("grid", { name: /layer by head$/ }).first();
    const heads = () =>
      map.getByRole("gridcell").evaluateAll((cells) =>
        cells.map((cell) => ({
          name: cell.getAttribute("aria-label")!.split(": ")[1]!,
          tip: cell.getAttribute("data-tip")!,
        })),
      );
    await expect.poll(() => map.getAttribute("aria-busy")).toBe("false");
    const before = await heads();
    const colors = await map.locator("[data-picture]").innerHTML();
    await page.getByRole("radio", { name: "Attention to subject", exact: true }).click();
    await expect.poll(() => map.getAttribute("aria-label")).toMatch(/^attention/i);
    await expect.poll(() => map.getAttribute("aria-busy")).toBe("false");
    for (const { name, tip } of await heads()) {
      const [, value] = /\nvalue\t([\d.]+) %/.exec(tip)!;
      expect(name).toMatch(/ %(, mover)?$/);
      expect(Math.abs(Number.parseFloat(name) - Number(value))).toBeLessThanOrEqual(0.06);
      expect(tip).toMatch(/^L\d+H\d+: attention/i);
    }
    expect(await map.locator("[data-picture]").innerHTML()).not.toBe(colors);
    await page.getByRole("radio", { name: "Effect", exact: true }).click();
    await expect.poll(heads).toEqual(before);
    expect(await map.locator("[data-picture]").innerHTML()).toBe(colors);
  });

  it("shows the same picture when its address is opened fresh", async () => {
    const fresh = await dashboard.newPage();
    await fresh.goto(page.url());
    await ready(page);
    await ready(fresh);
    const words = (on: Page) => report(on).evaluate((element) => (element as HTMLElement).innerText);
    const shapes = (on: Page) =>
      report(on).evaluate((element) =>
        [...element.querySelectorAll("svg:is([role=img], [role=grid]) :is(path, rect, circle)")].map(
          (shape) => ["d", "x", "fill"].map((name) => shape.getAttribute(name)).join(" "),
        ),
      );
    expect(await words(fresh)).toBe(await words(page));
    const drawn = await shapes(page);
    expect(drawn.length).toBeGreaterThan(40);
    expect(await shapes(fresh)).toEqual(drawn);
    await fresh.close();
  });

  it("leaves as one file that opens from disk without a network, in both themes", async () => {
    await page.getByRole("button", { name: "Download", exact: true }).first().click();
    await page.getByRole("link", { name: "metrics as Parquet" }).waitFor();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "This page as one HTML file" }).click();
    const file = path.join(folder, "comparison.html");
    await (await download).saveAs(file);
    await page.keyboard.press("Escape");

    const still = await dashboard.newPage({ offline: true, colorScheme: "light" });
    const requests: string[] = [];
    still.on("request", (request) => requests.push(request.url()));
    await still.goto(pathToFileURL(file).href);
    expect(requests).toEqual([pathToFileURL(file).href]);
    expect(await still.getByRole("grid").count()).toBe(2);
    const figures = "svg:is([role=img], [role=grid])";
    expect(await report(page).locator(figures).count()).toBe(6);
    expect(await report(still).locator(figures).count()).toBe(6);
    const cells = (on: Page) =>
      report(on)
        .getByRole("table", { name: "Key numbers" })
        .evaluate((table) =>
          [...table.querySelectorAll("tr")].map((row) =>
            (row as HTMLElement).innerText.replace(/\s+/g, " ").trim(),
          ),
        );
    expect(await cells(still)).toEqual(await cells(page));
    for (const name of ["Formulas", "Receipts"]) await still.getByRole("heading", { name }).waitFor();
    expect(await still.locator("button, input, select, a").count()).toBe(0);
    const numbers = JSON.parse((await still.locator("#numbers").textContent()) ?? "");
    expect(numbers.comparison.runs.map(({ run }: { run: { id: string } }) => run.id)).toEqual([
      baseline,
      other,
    ]);
    expect(numbers.pairing.runs[1].toBaseline.metrics.length).toBeGreaterThan(4);
    expect(numbers.matching.runs[1].toBaseline.matching.pairs.length).toBeGreaterThan(0);

    const colors = () =>
      still.evaluate(() => {
        const { backgroundColor, color } = getComputedStyle(document.body);
        return `${backgroundColor} ${color}`;
      });
    const strongest = (on: Page) => on.locator("[role=grid] [data-label=L0H3]").first().evaluate(colorOf);
    const colored = await strongest(still);
    const light = await colors();
    await still.emulateMedia({ colorScheme: "dark" });
    await still.waitForFunction(() => document.documentElement.dataset.theme === "dark");
    const dark = await colors();
    expect(dark).not.toBe(light);
    expect(await strongest(still)).not.toBe(colored);
    // The cell that the page draws in its light theme has the same colour in the file.
    expect(await strongest(page)).toBe(colored);
    await expectAccessible(still);
    await still.close();
  });

  it("is saved under a name, opened, changed, renamed and deleted", async () => {
    const name = `Saved in a test ${Date.now()}`;
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("textbox", { name: "Name" }).fill(name);
    await page.getByRole("textbox", { name: "Note" }).fill("Two small models.");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { level: 1, name }).waitFor();
    await page.waitForURL(/saved=/);

    const list = await dashboard.open("/comparisons");
    await list.getByRole("link", { name }).waitFor();
    await expectAccessible(list);
    await list.getByRole("link", { name }).click();
    await list.getByRole("heading", { level: 1, name }).waitFor();
    await ready(list);
    expect(await list.getByRole("img", { name: /by layer$/ }).count()).toBe(2);
    // The name alone is an address, too.
    const saved = new URL(page.url()).searchParams.get("saved") ?? "";
    await list.goto(`${dashboard.url}/compare?saved=${saved}`);
    await list.waitForURL((url) => url.searchParams.get("runs") === `${baseline},${other}`);
    expect(new URL(list.url()).searchParams.get("curve")).toBe("mass");

    expect(await list.getByRole("button", { name: "Save changes" }).count()).toBe(0);
    await list.getByRole("radio", { name: "MLPs" }).click();
    await list.getByRole("button", { name: "Save changes" }).click();
    await list.getByRole("button", { name: "Save changes" }).waitFor({ state: "detached" });

    await list.goto(`${dashboard.url}/comparisons`);
    await list.getByRole("button", { name: `Rename ${name}` }).click();
    await list.getByRole("textbox", { name: "Name" }).fill(`${name}, renamed`);
    await list.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    const renamed = list.getByRole("link", { name: `${name}, renamed` });
    await renamed.waitFor();
    expect(await renamed.getAttribute("href")).toContain("curve=mlps");
    await list.getByRole("button", { name: `Delete ${name}, renamed` }).click();
    await list.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await renamed.waitFor({ state: "detached" });
    await list.close();
  });

  it("refuses what is not comparable, names why, and goes on only when told to", async () => {
    const refused = await dashboard.open(`/compare?runs=${baseline},${otherTask}&axis=MODEL`);
    const refusal = refused.getByRole("alert", { name: "Not comparable" });
    await refusal.waitFor();
    for (const text of ["task", "country-capital", "country-language", "the runs ask for different facts"])
      expect(await refusal.textContent()).toContain(text);
    expect(await report(refused).count()).toBe(0);
    await expectAccessible(refused);
    await refusal.getByRole("button", { name: "Compare anyway" }).click();
    await refused.waitForURL(/force=1/);
    await refused.getByText("Compared by force: these numbers do not mean the same").waitFor();
    await refused.getByRole("button", { name: "Stop forcing" }).click();
    await refusal.waitFor();
    await refusal.getByRole("button", { name: "Compare along what they differ in" }).click();
    await report(refused).waitFor();
    expect(await refused.getByRole("radio", { name: "Task" }).getAttribute("aria-checked")).toBe("true");
    // Heads of one model correspond: their overlap has a chance level.
    await refused
      .getByRole("img", { name: "Which top heads runs of one model share" })
      .getByText(/chance/)
      .first()
      .waitFor();
    await refused.getByText("another task, nothing to pair").waitFor();
    await refused.close();
  });

  it("chooses runs from the matrix by pointer and keyboard", async () => {
    const matrix = await dashboard.open("/compare");
    const grid = matrix.getByRole("table", { name: "Models and tasks" });
    const cell = (model: string, task: string) =>
      grid.getByRole("button", { name: new RegExp(`^${model}, ${task}: `) });
    await cell("recall-gpt2-1m", "Country to capital").click();
    await matrix.waitForURL((url) => url.searchParams.get("runs") === baseline);
    await matrix.keyboard.press("ArrowDown");
    await matrix.keyboard.press("Enter");
    await matrix.waitForURL((url) => url.searchParams.get("runs") === `${baseline},${other}`);
    await expect
      .poll(() => cell("recall-llama", "Country to capital").getAttribute("aria-pressed"), SOON)
      .toBe("true");
    await report(matrix).waitFor();
    await expectAccessible(matrix);
    await matrix.close();
  });

  it("takes what a person pastes for runs, puts ids in its place, and names what it does not find", async () => {
    const keyOf = (id: string) => dashboard.runs.find((run) => run.id === id)!.key;
    const [first, second] = [baseline, other];
    const pasted = [
      keyOf(first).slice(0, 10),
      `http://elsewhere.example/runs/${keyOf(second)}?tab=heads`,
      "ffff",
    ];
    const page = await dashboard.open(
      `/compare?runs=${encodeURIComponent(pasted.join(", "))}&base=${encodeURIComponent(pasted[1]!)}`,
    );
    await page.waitForURL((url) => url.searchParams.get("runs") === `${first},${second},ffff`);
    expect(new URL(page.url()).searchParams.get("base")).toBe(second);
    await report(page).waitFor();
    await page.getByText("ffff: there is no such run (was it deleted?)").waitFor();
    await page.getByRole("button", { name: "Leave it out" }).click();
    await page.waitForURL((url) => url.searchParams.get("runs") === `${first},${second}`);
    await expectAccessible(page);
    await page.close();
  });

  it("says what is missing", async () => {
    const alone = await dashboard.open(`/compare?runs=${baseline}&colour=red`);
    await alone.getByText("parts this page does not know: colour").waitFor();
    await alone.getByText("A comparison needs two finished runs.").waitFor();
    await alone.close();
  });
});
