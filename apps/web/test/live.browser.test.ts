import type { Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { expectAccessible } from "./support/accessible.ts";
import { runOf } from "./support/addresses.ts";
import { describeDashboard } from "./support/dashboard.ts";

const SOON = { timeout: 30_000 };

interface Answer {
  probability: number;
  rank: number;
}

describeDashboard("one prompt, live", (dashboard) => {
  let page: Page;
  let run: string;
  /** A prompt whose fact the model knows. */
  let prompt: number;
  let mover: string;

  const { ask } = dashboard;
  const after = async (change: object, text?: { text: string; answer: string }): Promise<Answer> => {
    const answer = await ask<{ livePrompt: { intervention: { after: { answer: Answer } } } }>(
      `query ($input: LivePromptInput!, $change: InterventionInput!) {
        livePrompt(input: $input) { intervention(input: $change) { after { answer { probability rank } } } } }`,
      { input: { run, ...(text ?? { prompt }) }, change },
    );
    return answer.livePrompt.intervention.after.answer;
  };
  const part = (label: string) => {
    const [, layer, head] = /^L(\d+)H(\d+)$/.exec(label)!;
    return { layer: Number(layer), head: Number(head) };
  };
  const percent = (probability: number) => new RegExp(`^${(probability * 100).toFixed(1)}\\s*%$`);
  const address = (more: Record<string, string> = {}) =>
    `/runs/${run}?${new URLSearchParams({ tab: "heads", prompt: String(prompt), ...more })}`;
  const shown = (on: Page) => on.getByTestId("answer-probability");
  const slider = (on: Page, name: string) => on.getByRole("slider", { name });
  const says = async (on: Page, answer: Answer) => {
    await expect.poll(() => shown(on).innerText(), SOON).toMatch(percent(answer.probability));
    expect(await on.getByText(/before .*rank/).innerText()).toContain(
      `→ ${answer.rank.toLocaleString("en")};`,
    );
  };

  beforeAll(async () => {
    run = runOf(dashboard.runs);
    const answer = await ask<{
      run: { prompts: { edges: { node: { index: number } }[] }; argumentPassing: { movers: string[] } };
    }>(
      `query ($id: ID!) { run(id: $id) {
        prompts(first: 1, known: true) { edges { node { index } } } argumentPassing { movers } } }`,
      { id: run },
    );
    prompt = answer.run.prompts.edges[0]!.node.index;
    mover = answer.run.argumentPassing.movers[0]!;
    page = await dashboard.open(address({ head: mover }));
    await shown(page).waitFor();
  });

  it("draws the attention that the server computes, over the prompt's tokens", async () => {
    const { livePrompt } = await ask<{
      livePrompt: { attention: { attentionToSubject: number; tokens: unknown[]; pattern: number[] } };
    }>(
      `query ($input: LivePromptInput!) { livePrompt(input: $input) {
        attention(layer: ${part(mover).layer}, head: ${part(mover).head}) { attentionToSubject tokens { text } pattern } } }`,
      { input: { run, prompt } },
    );
    const { attentionToSubject, tokens, pattern } = livePrompt.attention;
    const figure = page
      .getByRole("figure")
      .filter({ has: page.getByRole("heading", { name: `${mover}: attention from the last position` }) });
    await figure.getByText("On the subject").waitFor();
    expect(await figure.getByText("On the subject").innerText()).toContain(
      (attentionToSubject * 100).toFixed(1),
    );
    await figure.getByRole("button", { name: /table/i }).click();
    const rows = figure.getByRole("table").locator("tbody tr");
    expect(await rows.count()).toBe(tokens.length);
    const last = pattern.slice(-tokens.length);
    const strongest = last.indexOf(Math.max(...last));
    expect(await rows.nth(strongest).innerText()).toContain(last[strongest]!.toPrecision(3));
  });

  it("draws the way from subject to answer, each part with its effect", async () => {
    const flow = page.getByRole("img", { name: /^Flow from subject to answer/ });
    await flow.waitFor();
    const own = flow.locator(`[data-edge="subject-${mover}"], [data-edge$="-${mover}"]`).first();
    expect(await own.getAttribute("data-tip")).toMatch(/share of M clean − M corrupted\t[+−]0\.\d+/);
    expect(await own.getAttribute("data-tip")).toContain("n = 1, no interval");
  });

  it("answers a slider by keyboard with the server's numbers, and keeps it in the address", async () => {
    const off = await after({ heads: [{ ...part(mover), scale: 0 }] });
    await slider(page, `scale of ${mover}`).focus();
    await page.keyboard.press("Home");
    await says(page, off);
    await expect.poll(() => new URL(page.url()).searchParams.get("edit"), SOON).toBe(`${mover}:0`);
    await page.keyboard.press("End");
    await says(page, await after({ heads: [{ ...part(mover), scale: 2 }] }));
    await page.getByRole("button", { name: "Reset" }).click();
    await says(page, await after({}));
    await expect.poll(() => new URL(page.url()).searchParams.has("edit"), SOON).toBe(false);
  });

  it("shows the same when its link is opened fresh", async () => {
    const edit = `${mover}:0.5,MLP0:1.5,b3:1`;
    const fresh = await dashboard.open(address({ head: mover, edit }));
    const change = {
      heads: [{ ...part(mover), scale: 0.5 }],
      mlps: [{ layer: 0, scale: 1.5 }],
      intercept: { layer: 3, alpha: 1 },
    };
    await says(fresh, await after(change));
    for (const [name, value] of [
      [`scale of ${mover}`, "0.5"],
      ["scale of MLP0", "1.5"],
      ["times the intercept of MLP3 is added", "1"],
    ] as const)
      expect(await slider(fresh, name).getAttribute("aria-valuenow")).toBe(value);
    await fresh.close();
  });

  it("adds another part by its name, and the function that the run found to any text", async () => {
    const panel = page.locator("form", { has: page.getByLabel("Another head or MLP") });
    await panel.getByLabel("Another head or MLP").fill("L99H0");
    await page.getByText(/^Heads go from L0H0 to L\d+H\d+, MLPs from MLP0 to MLP\d+\.$/).waitFor();
    await panel.getByLabel("Another head or MLP").fill("mlp1");
    await page.keyboard.press("Enter");
    await slider(page, "scale of MLP1").waitFor();
    await page.getByRole("button", { name: "Take MLP1 off the list" }).click();
    await slider(page, "scale of MLP1").waitFor({ state: "detached" });

    await page.getByRole("radio", { name: "A text of your own" }).click();
    const text = "table mug free China table mug free";
    await page.getByLabel("Text, up to the answer").fill(text);
    await page.getByLabel("Answer to watch").fill("Beijing");
    await says(page, await after({}, { text, answer: " Beijing" }));
    await page.getByRole("button", { name: "Add", exact: true }).last().click();
    const layer = Number(await page.getByLabel("MLP whose intercept is added").inputValue());
    await says(page, await after({ intercept: { layer, alpha: 1 } }, { text, answer: " Beijing" }));
    await page.getByRole("radio", { name: "This prompt" }).click();
    await page.getByRole("button", { name: "Reset" }).click();
    await says(page, await after({}));
  });

  it("has no violation in both themes, by axe, also on a narrow window", async () => {
    await expectAccessible(page);
    await page.setViewportSize({ width: 1024, height: 900 });
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    await expect.poll(width).toBeLessThanOrEqual(1024);
    await expectAccessible(page);
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  it("says what is missing", async () => {
    const none = await dashboard.open(`/runs/${run}?tab=heads&prompt=99999`);
    await none.getByText("The run has no prompt 99999").first().waitFor();
    await none.goto(`${dashboard.url}/runs/${run}?tab=heads`);
    await none.getByRole("button", { name: /^Look at “/ }).click();
    await expect.poll(() => new URL(none.url()).searchParams.get("prompt"), SOON).toBe(String(prompt));
    await shown(none).waitFor();
    await none.close();
  });

  it("says so when the server refuses, and asks again by a click", async () => {
    const refused = await dashboard.newPage();
    let refuse = true;
    await refused.route("**/graphql", async (route) => {
      if (!refuse || !route.request().postData()?.includes("intervention")) return route.fallback();
      await route.fulfill({
        json: {
          data: null,
          errors: [{ message: "too many questions: wait 5 seconds", extensions: { code: "RATE_LIMITED" } }],
        },
      });
    });
    await refused.goto(dashboard.url + address());
    await refused.getByText("too many questions: wait 5 seconds").waitFor();
    refuse = false;
    await refused.getByRole("button", { name: "Try again" }).click();
    await says(refused, await after({}));
    await refused.close();
  });
});
