import { readFile } from "node:fs/promises";
import type { Locator, Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { colorScale, largest } from "../src/charts/color-scale.ts";
import { describeDashboard } from "./support/dashboard.ts";
import { colorsIn } from "./support/head-map-colors.ts";
import { readCsv } from "./support/read-csv.ts";

const TABS = ["prediction", "heads", "mlp", "function", "final", "prompts"] as const;

describeDashboard("figures", (dashboard) => {
  let page: Page;
  let run: { id: string; key: string };
  const figure = (title: string | RegExp) =>
    page.getByRole("figure").filter({ has: page.getByRole("heading", { name: title, exact: true }) });

  beforeAll(async () => {
    run = dashboard.runs.find(({ task }) => task === "country-capital") ?? dashboard.runs[0]!;
    page = await dashboard.open(`/runs/${run.key}`, { permissions: ["clipboard-read", "clipboard-write"] });
  });
  const openTab = async (tab: string) => {
    await page.goto(`${dashboard.url}/runs/${run.key}?tab=${tab}`);
    await page.getByRole("figure").first().waitFor();
    // All figures of the tab, so that their order no longer changes.
    await page.waitForLoadState("networkidle");
  };

  async function file(from: Locator, kind: "CSV" | "JSON" | "SVG" | "PNG"): Promise<Buffer> {
    await from.getByRole("button", { name: "Export" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: kind }).click(),
    ]);
    return readFile(await download.path());
  }
  async function copied(from: Locator, what: "GraphQL" | "cURL"): Promise<string> {
    await from.getByRole("button", { name: "Export" }).click();
    await page.getByRole("menuitem", { name: `Copy ${what}` }).click();
    await from.getByRole("button", { name: `${what} copied` }).waitFor();
    return page.evaluate(() => navigator.clipboard.readText());
  }
  const { ask } = dashboard;

  it.each(TABS)("of the tab %s: file, table and the copied request give the same numbers", async (tab) => {
    await openTab(tab);
    const figures = await page.getByRole("figure").all();
    expect(figures.length).toBeGreaterThan(0);
    for (const [at, each] of figures.entries()) {
      const title = await each.getByRole("heading").first().innerText();
      const rows = readCsv((await file(each, "CSV")).toString());
      const cells = rows.flatMap((row) => Object.values(row));
      // The files are made by the same code for all figures: the second form is compared once a tab.
      if (at === 0) expect(jsonCells((await file(each, "JSON")).toString(), run.key), title).toEqual(cells);
      const answer = numbersOf(await ask(await copied(each, "GraphQL")));
      const shown = new Set(cells.filter((cell) => cell !== "" && Number.isFinite(Number(cell))).map(Number));
      expect(cells.length, title).toBeGreaterThan(0);
      // Figures in words have no numbers: each of their texts is in the answer.
      if (shown.size === 0) for (const cell of cells) expect(answer.texts, title).toContain(cell);
      for (const number of shown)
        if (!Number.isInteger(number)) expect(answer.all, `${title}: ${number}`).toContain(number);
      for (const value of answer.values) expect(shown, `${title}: ${value}`).toContain(value);
    }
  });

  it("asks this server by cURL", async () => {
    await openTab("heads");
    const line = await copied(figure("Patching effect"), "cURL");
    expect(line.startsWith(`curl -s ${dashboard.url}/graphql`)).toBe(true);
    expect(line).not.toContain("authorization");
  });

  it("draws a head map of the exported values, and exports what it draws", async () => {
    await openTab("heads");
    const map = figure("Patching effect");
    const rows = readCsv((await file(map, "CSV")).toString());
    const svg = (await file(map, "SVG")).toString();
    const cells = await marks(page, svg, "rect[data-label]");
    const colors = await colorsIn(page, svg);
    const values = rows.map(({ value }) => (value === "" ? null : Number(value)));
    const { color } = colorScale("diverging", await scaleEnd(map), false);
    expect(largest(values)).toBeLessThanOrEqual(await scaleEnd(map));
    expect(cells.map(({ label }) => [label, colors[label!]])).toEqual(
      rows.map((row, at) => [
        row.head,
        values[at] == null ? expect.stringContaining("url(") : color(values[at]),
      ]),
    );
    // Layer on y, head on x.
    const at = (head: string) => cells.find(({ label }) => label === head)!;
    expect(at("L1H0").y).toBeGreaterThan(at("L0H0").y);
    expect(at("L0H1").x).toBeGreaterThan(at("L0H0").x);
    const receipt =
      /recall-\S+ · \S+ · .* · n = \d+ known of \d+ facts · engine \S+ · weights [0-9a-f]{12} · run ([0-9a-f]{16})/;
    expect(receipt.exec(svg.replace(/<[^>]+>/g, " ").replace(/\s+/g, " "))?.[1]).toBe(run.key);
    expect(svg).toContain("Patching effect");
  });

  it("draws bars and dots of the exported values", async () => {
    await openTab("prediction");
    const bars = figure("MLPs by layer");
    const values = readCsv((await file(bars, "CSV")).toString()).map(({ value }) => Number(value));
    const widths = (
      await marks(
        page,
        (await file(bars, "SVG")).toString(),
        '[fill-opacity="0.9"] rect, rect[fill-opacity="0.9"]',
      )
    ).map(({ width }) => width);
    expect(widths.length).toBe(values.length);
    const perLogit = Math.max(...widths) / Math.max(...values.map(Math.abs));
    for (const [at, width] of widths.entries())
      expect(width).toBeCloseTo(Math.abs(values[at]!) * perLogit, 0);

    const lens = figure(/Logit lens/);
    const points = readCsv((await file(lens, "CSV")).toString());
    const dots = await marks(page, (await file(lens, "SVG")).toString(), "circle");
    const drawn = points.filter(({ value }) => value !== "");
    expect(dots.length).toBe(drawn.length);
    const value = (row: Record<string, string>) => Number(row.value);
    const ordered = [...drawn].sort((a, b) => value(a) - value(b));
    const [low, high] = [drawn.indexOf(ordered[0]!), drawn.indexOf(ordered.at(-1)!)];
    const slope = (dots[high]!.y - dots[low]!.y) / (Number(drawn[high]!.value) - Number(drawn[low]!.value));
    for (const [at, dot] of dots.entries())
      expect(dot.y).toBeCloseTo(
        dots[low]!.y + slope * (Number(drawn[at]!.value) - Number(drawn[low]!.value)),
        0,
      );
  });

  it("makes a PNG of the SVG's pixels, at twice the size", async () => {
    await openTab("heads");
    const map = figure("Patching effect");
    const [svg, png] = [await file(map, "SVG"), await file(map, "PNG")];
    const { width, same, colours } = await page.evaluate(
      async ([vector, pixels]) => {
        const read = async (address: string, scale: number) => {
          const image = new Image();
          image.src = address;
          await image.decode();
          const canvas = document.createElement("canvas");
          canvas.width = image.naturalWidth * scale;
          canvas.height = image.naturalHeight * scale;
          const context = canvas.getContext("2d")!;
          context.drawImage(image, 0, 0, canvas.width, canvas.height);
          return context.getImageData(0, 0, canvas.width, canvas.height);
        };
        const [a, b] = [await read(vector!, 2), await read(pixels!, 1)];
        const words = new Uint32Array(b.data.buffer);
        return {
          width: [a.width, b.width],
          same: a.data.length === b.data.length && a.data.every((value, at) => value === b.data[at]),
          colours: new Set(words).size,
        };
      },
      [
        `data:image/svg+xml;base64,${svg.toString("base64")}`,
        `data:image/png;base64,${png.toString("base64")}`,
      ],
    );
    expect(width[0]).toBe(width[1]);
    expect(colours).toBeGreaterThan(20);
    expect(same).toBe(true);
  });

  it("fills the screen and goes back by Escape without letting go of what is chosen", async () => {
    await page.goto(`${dashboard.url}/runs/${run.key}?tab=heads&head=L1H1`);
    const map = figure("Patching effect");
    const before = await map.getByRole("grid").boundingBox();
    await map.getByRole("button", { name: "Full screen" }).click();
    const dialog = page.getByRole("dialog", { name: "Patching effect" });
    const grid = dialog.getByRole("grid");
    await grid.waitFor();
    expect((await grid.boundingBox())!.height).toBeGreaterThan(before!.height);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(new URL(page.url()).searchParams.get("head")).toBe("L1H1");
    await map.getByRole("grid").waitFor();
  });

  it("hover marks a head in every figure and table; clicks choose, Shift adds, a pin keeps, Escape clears", async () => {
    await openTab("heads");
    const map = figure("Patching effect").getByRole("grid");
    const cell = (head: string) => map.getByRole("gridcell", { name: new RegExp(`^${head}:`) });
    const row = (head: string) =>
      page.getByRole("table", { name: "Heads ranked by effect" }).locator(`[data-label="${head}"]`);
    const heads = () => new URL(page.url()).searchParams.get("head");
    await cell("L1H2").hover();
    await expect.poll(() => row("L1H2").getAttribute("data-hovered")).toBe("");
    await page.mouse.move(0, 0);
    await expect.poll(() => row("L1H2").getAttribute("data-hovered")).toBeNull();

    await cell("L1H2").click();
    await expect.poll(heads).toBe("L1H2");
    await cell("L2H1").click({ modifiers: ["Shift"] });
    await expect.poll(heads).toBe("L1H2,L2H1");
    for (const head of ["L1H2", "L2H1"])
      await expect.poll(() => row(head).getAttribute("aria-selected")).toBe("true");
    expect(await page.getByRole("list", { name: "Chosen heads" }).getByRole("button").count()).toBe(2);
    await page.mouse.move(0, 0);
    await page.getByRole("button", { name: /^Pin/ }).click();
    await expect.poll(heads).toBe("L1H2*,L2H1");
    await cell("L0H0").click();
    await expect.poll(heads).toBe("L0H0,L1H2*");
    await page.goBack();
    await expect.poll(heads).toBe("L1H2*,L2H1");
    await page.keyboard.press("Escape");
    await expect.poll(heads).toBe("L1H2*");
    await expect.poll(() => row("L2H1").getAttribute("aria-selected")).toBe("false");
    await page.keyboard.press("Escape");
    await expect.poll(heads).toBeNull();

    await map.locator('text[data-label="L2"]').click();
    await expect.poll(() => new URL(page.url()).searchParams.get("layer")).toBe("2");
  });

  async function scaleEnd(map: Locator): Promise<number> {
    const text = await map
      .locator("span", { hasText: /^\+[\d.]+$/ })
      .first()
      .innerText();
    return Number(text);
  }
});

/** Cells of a figure's JSON file as a CSV file would print them. */
function jsonCells(text: string, key: string): string[] {
  const { rows, runs } = JSON.parse(text) as { rows: Record<string, unknown>[]; runs: unknown[] };
  expect(runs).toMatchObject([{ runKey: key }]);
  return rows.flatMap((row) => Object.values(row)).map((cell) => (cell === null ? "" : String(cell)));
}

/** All numbers and texts of an answer, and the numbers of fields called `value`. */
function numbersOf(answer: unknown): { all: Set<number>; values: Set<number>; texts: Set<string> } {
  const all = new Set<number>();
  const texts = new Set<string>();
  const values = new Set<number>();
  const walk = (node: unknown, name: string) => {
    if (typeof node === "number") {
      all.add(node);
      if (name === "value") values.add(node);
    } else if (typeof node === "string") texts.add(node);
    else if (Array.isArray(node)) for (const item of node) walk(item, name);
    else if (node && typeof node === "object")
      for (const [key, item] of Object.entries(node)) walk(item, key);
  };
  walk(answer, "");
  return { all, values, texts };
}

interface DrawnMark {
  label: string | null;
  fill: string;
  x: number;
  y: number;
  width: number;
}

/** Shapes of an exported picture, where they come to lie when it is shown by itself. */
const marks = (page: Page, svg: string, selector: string): Promise<DrawnMark[]> =>
  page.evaluate(
    ([text, wanted]) => {
      const holder = document.createElement("div");
      holder.style.cssText = "position:absolute;left:0;top:0";
      holder.innerHTML = text!;
      document.body.append(holder);
      const found = [...holder.querySelectorAll(wanted!)].map((shape) => {
        const { x, y, width, height } = shape.getBoundingClientRect();
        return {
          label: shape.getAttribute("data-label"),
          fill: shape.getAttribute("fill") ?? "",
          x: x + width / 2,
          y: y + height / 2,
          width,
        };
      });
      holder.remove();
      return found;
    },
    [svg, selector],
  );
