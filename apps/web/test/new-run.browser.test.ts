import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { expectAccessible } from "./support/accessible.ts";
import { describeDashboard } from "./support/dashboard.ts";

const FORM = "/runs/new?model=recall-gpt2&task=country-capital";
const address = (page: Page) => new URL(page.url()).searchParams;

describeDashboard("the form of a run", (dashboard) => {
  it("offers the corrupted prompts that the server can ask, each with what asks them", async () => {
    const { corruptions } = await dashboard.ask<{
      corruptions: {
        id: string;
        title: string;
        everyRun: boolean;
        analyses: { id: string; title: string; standard: boolean }[];
      }[];
    }>("{ corruptions { id title everyRun analyses { id title standard } } }");
    const page = await dashboard.open(FORM);
    const boxes = page.getByRole("group", { name: "Corrupted prompts" }).getByRole("checkbox");
    await expect.poll(() => boxes.count()).toBe(corruptions.length);
    const state = async () =>
      Object.fromEntries(
        await boxes.evaluateAll((all) =>
          all.map((box) => [box.ariaLabel, String((box as HTMLInputElement).checked)] as const),
        ),
      );
    const expected = corruptions.map(({ title, everyRun, analyses }) => [
      title,
      String(everyRun || analyses.some(({ standard }) => standard)),
    ]);
    expect(await state()).toEqual(Object.fromEntries(expected));
    const always = corruptions.filter(({ everyRun }) => everyRun);
    for (const { title } of always)
      expect(await page.getByRole("checkbox", { name: title }).isDisabled()).toBe(true);

    const [off, on] = [false, true].map(
      (standard) =>
        corruptions.find(
          (each) => !each.everyRun && each.analyses.every((one) => one.standard === standard),
        )!,
    );
    await page.getByRole("checkbox", { name: off!.title, exact: true }).click();
    const added = off!.analyses.map(({ id }) => id);
    await expect.poll(() => address(page).get("analyses")?.split(",")).toEqual(expect.arrayContaining(added));
    await page.getByText(new RegExp(`analyses: .*"${added[0]}"`)).waitFor();
    expect(await page.getByRole("checkbox", { name: off!.analyses[0]!.title, exact: true }).isChecked()).toBe(
      true,
    );
    await page.getByRole("checkbox", { name: on!.title, exact: true }).click();
    await expect.poll(() => address(page).get("analyses")).not.toContain(on!.analyses[0]!.id);
    const changed = await state();
    expect(changed).toMatchObject({ [off!.title]: "true", [on!.title]: "false" });
    await page.goto(page.url());
    await expect.poll(state).toEqual(changed);
    await page.goBack();
    await page.close();
  });

  it("offers the devices of workers that are there, and asks for the chosen one", async () => {
    const { workers } = await dashboard.ask<{ workers: { device: string }[] }>("{ workers { device } }");
    const devices = [...new Set(workers.map(({ device }) => device))].sort();
    const device = devices[0]!;
    const seed = 2_000_000 + process.pid;
    const page = await dashboard.open(`${FORM}&seed=${seed}`);
    const choice = page.getByRole("combobox", { name: "Device" });
    await expect
      .poll(() => choice.locator("option").allTextContents())
      .toEqual(["any worker's", ...devices.map((each) => each.toUpperCase())]);
    await choice.selectOption(device);
    await page.getByText(new RegExp(`npx recallscope run .*--device ${device}$`)).waitFor();
    await page.getByText(`device: "${device}"`).waitFor();
    expect(address(page).get("device")).toBe(device);
    await page.goto(page.url());
    await expect.poll(() => choice.inputValue()).toBe(device);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Start run" }).click();
    await page.waitForURL(/\/runs\/[^/?]+$/);
    const id = page.url().split("/").at(-1)!;
    const { run } = await dashboard.ask<{ run: { device: string; settings: { seed: number } } }>(
      "query ($id: ID!) { run(id: $id) { device settings { seed } } }",
      { id },
    );
    expect(run).toEqual({ device, settings: { seed } });
    await dashboard.ask("mutation ($id: ID!) { deleteRun(input: { id: $id }) { deletedId } }", { id });
    await page.close();
  });

  it("names a device that no worker has, and the server's refusal of it", async () => {
    const page = await dashboard.open(`${FORM}&device=coreml`);
    await page.getByText("No worker computes on COREML now.").waitFor();
    await page.getByRole("button", { name: "Start run" }).click();
    await page.getByText(/device coreml: no worker computes on it/).waitFor();
    await page.goto(`${dashboard.url}${FORM}&device=coreml&shots=0,1`);
    await page.getByText("A study's runs go to any worker.").waitFor();
    expect(await page.getByRole("combobox", { name: "Device" }).isDisabled()).toBe(true);
    await page.close();
  });
});
