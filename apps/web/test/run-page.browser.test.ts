import type { Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { formatSigned, formatValue } from "../src/format/numbers.ts";
import { expectAccessible } from "./support/accessible.ts";
import { describeDashboard } from "./support/dashboard.ts";

interface SoFar {
  factsMeasured: number;
  factsAdmitted: number;
  top1: { value: number | null; n: number };
  probability: { value: number | null; n: number };
  heads: { label: string; effect: { value: number | null; n: number } }[];
}

describeDashboard("the run page", (dashboard) => {
  let page: Page;
  let run: { id: string; key: string };
  const search = (name: string) => new URL(page.url()).searchParams.get(name);
  const goTo = async (query: string) => {
    await page.goto(`${dashboard.url}/runs/${run.key}${query}`);
    await page.getByRole("figure").first().waitFor();
  };
  const { ask } = dashboard;

  beforeAll(async () => {
    run = dashboard.runs.find(({ task }) => task === "country-capital") ?? dashboard.runs[0]!;
    page = await dashboard.open(`/runs/${run.key}`, { permissions: ["clipboard-read", "clipboard-write"] });
    await page.getByRole("figure").first().waitFor();
  });

  it("names the invariants with their errors", async () => {
    for (const name of [/residual sum/, /DLA completeness/, /parity/])
      expect(await page.locator("header").getByText(name).innerText()).toMatch(/^✓ .* \d/);
  });

  it("shows one prompt's own effects, as the server gives them", async () => {
    await goTo("?tab=heads&prompt=0");
    await page
      .getByRole("status")
      .filter({ hasText: "Effect, noising and denoising are of this prompt alone" })
      .waitFor();
    const { run: answer } = await ask<{
      run: { promptNumbers: { heads: { effect: number[]; headsPerLayer: number } } };
    }>(`{ run(id: "${run.key}") { promptNumbers(index: 0) { heads { effect headsPerLayer } } } }`);
    const { effect, headsPerLayer } = answer.promptNumbers.heads;
    const strongest = effect.indexOf(Math.max(...effect));
    const head = `L${Math.floor(strongest / headsPerLayer)}H${strongest % headsPerLayer}`;
    const cell = page
      .getByRole("grid", { name: "Patching effect, layer by head" })
      .getByRole("gridcell", { name: new RegExp(`^${head}:`) });
    await expect
      .poll(async () =>
        Number(/[−-]?[\d.]+/.exec((await cell.getAttribute("aria-label"))!.slice(head.length + 1))![0]),
      )
      .toBeCloseTo(effect[strongest]!, 2);
    expect(await cell.getAttribute("data-tip")).toContain("prompt 0 alone");
    expect(await cell.getAttribute("data-tip")).not.toContain("95 %");
  });

  /** What the page asks of tabs' numbers, in its order. */
  const followTabs = (own: Page): string[] => {
    const asked: string[] = [];
    own.on("request", (request) => {
      const name =
        /query (RunArgumentPassing|RunDecompositions|RunIntercepts|RunFinalLayer|RunDetails)\b/.exec(
          request.postData() ?? "",
        )?.[1];
      if (name) asked.push(name);
    });
    return asked;
  };

  it("loads a tab when somebody reaches for it, once", async () => {
    const fresh = await dashboard.newPage();
    // Nothing is loaded by itself then.
    await fresh.addInitScript(() =>
      Object.defineProperty(navigator, "connection", { value: { saveData: true } }),
    );
    const asked = followTabs(fresh);
    await fresh.goto(`${dashboard.url}/runs/${run.key}`);
    await fresh.getByRole("figure").first().waitFor();
    await fresh.waitForLoadState("networkidle");
    await fresh.waitForTimeout(2_000);
    expect(asked).toEqual([]);
    const tab = (name: RegExp) => fresh.getByRole("tab", { name });
    await tab(/^Final layer/).hover();
    await expect.poll(() => asked).toEqual(["RunFinalLayer"]);
    await tab(/^Details/).focus();
    await expect.poll(() => asked).toEqual(["RunFinalLayer", "RunDetails"]);
    await tab(/^Final layer/).click();
    await fresh.getByRole("slider", { name: "alpha" }).waitFor();
    expect(asked).toEqual(["RunFinalLayer", "RunDetails"]);
    await fresh.close();
  });

  it("loads the other tabs while it is left alone, each once", async () => {
    const fresh = await dashboard.newPage();
    const asked = followTabs(fresh);
    await fresh.goto(`${dashboard.url}/runs/${run.key}`);
    const all = ["RunArgumentPassing", "RunDecompositions", "RunIntercepts", "RunFinalLayer", "RunDetails"];
    await expect.poll(() => asked, { timeout: 20_000 }).toEqual(all);
    await fresh.getByRole("tab", { name: /^Argument passing/ }).click();
    await fresh.getByRole("grid").first().waitFor();
    await fresh.getByRole("tab", { name: /^Final layer/ }).click();
    await fresh.getByRole("slider", { name: "alpha" }).waitFor();
    expect(asked).toEqual(all);
    await fresh.close();
  });

  it("draws small maps when they come near sight, or are printed", async () => {
    for (const bring of ["scroll", "print"] as const) {
      const low = await dashboard.open(`/runs/${run.key}?tab=heads`, {
        viewport: { width: 1280, height: 400 },
      });
      await low.getByRole("heading", { name: "Patching effect" }).waitFor();
      await low.waitForLoadState("networkidle");
      // The further analyses' maps are always there.
      const maps = low.getByRole("grid", { name: /^(Patching effect|Noising|Denoising)\b/ });
      expect(await maps.count()).toBe(0);
      if (bring === "scroll")
        await low
          .getByRole("heading", { name: "Patching effect" })
          .evaluate((title) => title.scrollIntoView());
      else await low.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
      await expect.poll(() => maps.count()).toBe(bring === "scroll" ? 1 : 3);
      await low.close();
    }
  });

  it("draws no map out of sight when its tab comes back", async () => {
    const low = await dashboard.open(`/runs/${run.key}?tab=heads`, {
      viewport: { width: 1280, height: 400 },
    });
    const title = low.getByRole("heading", { name: "Patching effect" });
    const large = low.getByRole("grid", { name: "Patching effect, layer by head" });
    await title.evaluate((each) => each.scrollIntoView());
    await large.waitFor();
    await low.evaluate(() => window.scrollTo(0, 0));
    await expect
      .poll(() => title.evaluate((each) => each.getBoundingClientRect().top > window.innerHeight))
      .toBe(true);
    // Nothing tells that the browser has looked where the map is.
    await low.waitForTimeout(500);
    await low.getByRole("tab", { name: /^Final layer/ }).click();
    await low.getByRole("slider", { name: "alpha" }).waitFor();
    await low.waitForTimeout(500);
    await low.getByRole("tab", { name: /^Argument passing/ }).click();
    await title.waitFor();
    expect(await large.count()).toBe(0);
    await title.evaluate((each) => each.scrollIntoView());
    await large.waitFor();
    await low.close();
  });

  it("leaves the focus on a head whose map is drawn anew", async () => {
    const own = await dashboard.open(`/runs/${run.key}?tab=heads`);
    const map = own.getByRole("grid", { name: "Patching effect, layer by head" });
    const [first, cell] = [/^L0H0:/, /^L1H2:/].map((name) => map.getByRole("gridcell", { name }));
    await first!.focus();
    for (const key of ["ArrowDown", "ArrowRight", "ArrowRight"]) await own.keyboard.press(key);
    const width = await cell!.getAttribute("width");
    await own.setViewportSize({ width: 380, height: 900 });
    await expect.poll(() => cell!.getAttribute("width")).not.toBe(width);
    expect(await cell!.evaluate((each) => each === document.activeElement)).toBe(true);
    expect(await map.locator("[tabindex='0']").count()).toBe(1);
    await own.keyboard.press("ArrowLeft");
    expect(await own.evaluate(() => (document.activeElement as SVGElement).dataset.label)).toBe("L1H1");
    await own.close();
  });

  it("is honest where nothing is stored of a prompt", async () => {
    for (const [tab, words] of [
      ["mlp", /no numbers of a single one/],
      ["function", /no numbers of a single prompt/],
      ["final", /means over prompts only/],
    ] as const) {
      await page.goto(`${dashboard.url}/runs/${run.key}?tab=${tab}&prompt=1`);
      await page.getByRole("status").filter({ hasText: words }).waitFor();
    }
    await page.goto(`${dashboard.url}/runs/${run.key}?prompt=99999`);
    await page.getByText(/This run has no prompt 99999/).waitFor();
  });

  it("steps through prompts and layers by arrow keys, and finds a prompt by its words", async () => {
    await goTo("?tab=heads");
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => search("prompt")).toBe("0");
    await page.getByText("Prompt 0 of").waitFor();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => search("prompt")).toBe("1");
    await page.getByText("Prompt 1 of").waitFor();
    await page.keyboard.press("ArrowLeft");
    await page.getByText("Prompt 0 of").waitFor();
    await page.keyboard.press("ArrowLeft");
    await expect.poll(() => search("prompt")).toBeNull();
    await page.keyboard.press("Shift+ArrowUp");
    await expect.poll(() => search("layer")).not.toBeNull();

    await page.getByRole("button", { name: "Mean with interval" }).click();
    const { run: answer } = await ask<{ run: { prompts: { edges: { node: { text: string } }[] } } }>(
      `{ run(id: "${run.key}") { prompts(first: 20) { edges { node { text } } } } }`,
    );
    await page.getByPlaceholder(/Find a prompt/).fill(answer.prompts.edges[17]!.node.text);
    await page.getByRole("option").filter({ hasText: answer.prompts.edges[17]!.node.text }).first().waitFor();
    await expectAccessible(page);
    await page.keyboard.press("Enter");
    await expect.poll(() => search("prompt")).toBe("17");
    await page.goBack();
    await expect.poll(() => search("prompt")).toBeNull();
  });

  it("moves alpha through all its values by keys, and back", async () => {
    await goTo("?tab=final");
    await page.getByRole("slider", { name: "alpha" }).focus();
    const shown = page.getByText(/^α = /).first();
    for (let tenths = 9; tenths >= 0; tenths--) {
      await page.keyboard.press("ArrowLeft");
      await expect.poll(() => shown.innerText()).toContain(`α = ${(tenths / 10).toFixed(1)}`);
    }
    await expect.poll(() => search("alpha")).toBe("0");
    for (let presses = 0; presses < 3; presses++) await page.keyboard.press("ArrowRight");
    await expect.poll(() => search("alpha")).toBe("0.3");
    await page.goto(page.url());
    await page.getByText("α = 0.3").waitFor();
  });

  it("copies a link that opens the same view, and says what it does not understand in one", async () => {
    await goTo("?tab=heads&head=L1H1,L2H2*&prompt=3&layer=2");
    await page.getByText("Prompt 3 of").waitFor();
    await page.getByRole("button", { name: "Copy link" }).click();
    await page.getByText("Copied", { exact: true }).waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    const picture = async (each: Page) => {
      const map = each.getByRole("grid", { name: "Patching effect, layer by head" });
      await each.locator("[role=gridcell][data-tip*='prompt 3 alone']").first().waitFor();
      return map.evaluate((svg) => svg.outerHTML.replace(/ ?(id|fill)="[^"]*(_r_|«)[^"]*"/g, ""));
    };
    await page.mouse.move(0, 0);
    const before = await picture(page);
    const other = await dashboard.open(new URL(link).pathname + new URL(link).search);
    expect(await picture(other)).toBe(before);
    await other.context().close();

    await goTo("?nonsense=1");
    await page.getByText(/does not know, and ignores: nonsense/).waitFor();
  });

  it("keeps tags and a note", async () => {
    await goTo("");
    const tag = `figures ${run.key.slice(0, 4)}`;
    try {
      await page
        .getByRole("button", { name: "Add tags" })
        .or(page.getByRole("button", { name: "Tags", exact: true }))
        .click();
      await page.getByLabel("Add, several by commas").fill(tag);
      await page.getByRole("button", { name: "Save" }).click();
      await page.locator("header").getByText(tag).waitFor();
      await page.getByRole("button", { name: "Add a note" }).click();
      await page.getByRole("textbox", { name: "Note" }).fill("Seen by a test.");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("button", { name: "Seen by a test." }).waitFor();
      const { run: stored } = await ask<{ run: { tags: string[]; note: string } }>(
        `{ run(id: "${run.key}") { tags note } }`,
      );
      expect(stored.tags).toContain(tag);
      expect(stored.note).toBe("Seen by a test.");
    } finally {
      await ask(`mutation { tagRuns(input: { runs: ["${run.key}"], remove: ["${tag}"] }) { runs { key } } }`);
      await ask(`mutation { noteRuns(input: { runs: ["${run.key}"], note: null }) { runs { key } } }`);
    }
  });

  it("downloads the run and each of its tables from addresses that answer", async () => {
    await goTo("");
    await page.getByRole("button", { name: "Download" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: /Report/ }).click(),
    ]);
    expect(download.url()).toMatch(/\/runs\/[^/]+\/report\.json$/);
    await page.goto(`${dashboard.url}/runs/${run.key}?tab=details`);
    const files = page.getByRole("table", { name: "Tables" });
    await files.waitFor();
    for (const form of ["CSV", "JSON", "Parquet", "LaTeX"]) {
      const href = await files
        .getByRole("link", { name: `heads as ${form}`, exact: true })
        .getAttribute("href");
      expect((await fetch(dashboard.url + href)).status).toBe(200);
    }
  });

  it("ends with what repeats it", async () => {
    await goTo("");
    const repeat = page
      .locator("section")
      .filter({ has: page.getByRole("heading", { name: "Repeat this run" }) });
    await repeat.getByText(/npx recallscope run --model/).waitFor();
    for (const words of [/createRun\(input/, /curl -s http/, /^Seed/, /ONNX Runtime/])
      expect(await repeat.getByText(words).count()).toBeGreaterThan(0);
    await expectAccessible(page);
  });

  it("follows a run part by part, and cancels it", async () => {
    const other = await dashboard.newPage();
    const { createRun } = await ask<{ createRun: { run: { id: string } } }>(
      `mutation { createRun(input: { model: "recall-llama", task: "country-capital", settings: { seed: 4802, shots: 1 } }) { run { id } } }`,
    );
    await other.goto(`${dashboard.url}/runs/${createRun.run.id}`);
    const parts = other.getByRole("list", { name: "Parts of the run" });
    await parts.waitFor({ timeout: 120_000 });
    await parts
      .getByRole("listitem")
      .filter({ hasText: "Open the model" })
      .filter({ hasText: "done" })
      .waitFor({ timeout: 60_000 });
    await parts.getByText(/of \d+ facts/).waitFor();
    expect(await other.title()).toMatch(/^\d+ % /);

    const soFar = other.getByRole("region", { name: "So far" });
    const onServer = async () =>
      (
        await ask<{ run: { soFar: SoFar | null } }>(
          `{ run(id: "${createRun.run.id}") { soFar { factsMeasured factsAdmitted top1 { value n } probability { value n }
            heads(first: 8) { label effect { value n } } } } }`,
        )
      ).run.soFar;
    await soFar.waitFor({ timeout: 120_000 });
    await expectAccessible(other);
    const measured = async () => Number(/(\d+) of 48 facts measured/.exec(await soFar.innerText())?.[1]);
    const before = await measured();
    expect(before).toBeGreaterThan(0);
    // Nobody loads the page again.
    await expect.poll(measured, { timeout: 60_000 }).toBe(48);
    const { top1, probability, heads, ...facts } = (await onServer())!;
    expect(facts).toEqual({ factsMeasured: 48, factsAdmitted: 48 });
    const shown = await soFar.innerText();
    for (const { value, n } of [top1, probability])
      expect(shown).toContain(`${formatValue(value!, "share")}\nno interval, n ${n}`);
    expect(shown).toContain(`n ${heads[0]!.effect.n}`);
    const rows = soFar.getByRole("row").filter({ has: other.getByRole("rowheader") });
    expect((await rows.allInnerTexts()).map((row) => row.trim().split(/\s+/))).toEqual(
      heads.map(({ label, effect }) => [label, formatSigned(effect.value!, "effect")]),
    );

    await other.getByRole("button", { name: "Cancel run" }).click();
    await other.getByText("This run was cancelled").waitFor();
    expect(await soFar.count()).toBe(0);
    expect(await onServer()).toBeNull();
    await ask(`mutation { deleteRun(input: { id: "${createRun.run.id}" }) { deletedId } }`);
    await other.context().close();
  });

  it("goes anywhere by the command palette, and does what the page can do", async () => {
    await goTo("");
    await page.keyboard.press("Control+k");
    const palette = page.getByRole("dialog", { name: "Command palette" });
    await palette.getByPlaceholder(/Go to a page/).fill("final layer");
    await expectAccessible(page);
    await page.keyboard.press("Enter");
    await expect.poll(() => search("tab")).toBe("final");
    await page.keyboard.press("Control+k");
    await palette.getByPlaceholder(/Go to a page/).fill(dashboard.runs.at(-1)!.key);
    await palette
      .getByRole("option")
      .filter({ hasText: dashboard.runs.at(-1)!.key })
      .click();
    await page.waitForURL(/\/runs\/[^/?]+$/);
    await palette.waitFor({ state: "detached" });
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("g");
    await page.keyboard.press("c");
    await page.waitForURL(/\/compare/);
  });
});
