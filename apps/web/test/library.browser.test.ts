import type { Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { expectAccessible } from "./support/accessible.ts";
import { describeDashboard } from "./support/dashboard.ts";

const RUN_LIMIT = 150_000;
/** Of a flow over several pages. */
const FLOW_LIMIT = 240_000;
const SOON = { timeout: 15_000 };
/** Names that no other file uses. */
const OWN = `library-${process.pid}`;

function firstOf<T>(list: readonly T[]): T {
  const [first] = list;
  if (first === undefined) throw new Error("no run has finished");
  return first;
}
const search = (page: Page) => page.url().split("?")[1] ?? "";
const rows = (page: Page, table: string) => page.getByRole("table", { name: table }).locator("tbody tr");

describeDashboard("the list of runs", (dashboard) => {
  let page: Page;
  beforeAll(async () => {
    page = await dashboard.open("/runs");
    await page.getByRole("table", { name: "Runs" }).waitFor();
  });

  it("is filtered by chips and the box, and says so in the address", async () => {
    await page.getByRole("search").getByRole("button", { name: "Status" }).click();
    await page.getByRole("menuitemcheckbox", { name: "Finished" }).click();
    await page.keyboard.press("Escape");
    await page.waitForURL(/status=SUCCEEDED/);
    // The name of one model may begin another's: the longest is in no other.
    const [model = ""] = dashboard.runs.map((run) => run.model).sort((a, b) => b.length - a.length);
    await page.getByRole("searchbox").fill(model);
    await page.waitForURL(/q=/);
    await expect
      .poll(async () => new Set(await page.locator("tbody tr td:nth-child(4)").allInnerTexts()).size)
      .toBe(1);
    await page.getByRole("button", { name: "Clear all" }).click();
    await page.waitForURL((url) => url.search === "");
  });

  it("is sorted by the server, forth and back", async () => {
    const header = page.getByRole("columnheader", { name: "Top-1" });
    await header.getByRole("button").click();
    await page.waitForURL(/sort=-top1/);
    await expect.poll(() => header.getAttribute("aria-sort"), SOON).toBe("descending");
    const numbers = async () =>
      (await page.locator("tbody tr td:nth-child(6)").allInnerTexts())
        .map((text) => Number.parseFloat(text))
        .filter((number) => !Number.isNaN(number));
    await expect.poll(async () => isOrdered(await numbers(), -1), SOON).toBe(true);
    await page.goBack();
    await page.waitForURL((url) => !url.searchParams.has("sort"));
  });

  it("shows the columns that are chosen", async () => {
    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("menuitemcheckbox", { name: "Key" }).click();
    await page.keyboard.press("Escape");
    await page.getByRole("columnheader", { name: "Key" }).waitFor();
    expect(search(page)).toContain("columns=");
    await page.goBack();
  });

  it("tags and notes what is selected, finds it by the tag, and takes the tag away", async () => {
    const { key } = firstOf(dashboard.runs);
    await page.goto(`${dashboard.url}/runs?q=${key}`);
    await page.getByRole("checkbox", { name: new RegExp(key) }).click();
    await page.getByRole("button", { name: "Tag", exact: true }).click();
    await page.getByLabel("Add, several by commas").fill(OWN);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Tags of 1 run changed.").waitFor();
    await page.goto(`${dashboard.url}/runs?tags=${OWN}`);
    await expect.poll(() => rows(page, "Runs").count(), SOON).toBe(1);
    await expectAccessible(page);
    await page.getByRole("checkbox", { name: new RegExp(key) }).click();
    await page.getByRole("button", { name: "Tag", exact: true }).click();
    await page.getByRole("button", { name: `Take away ${OWN}` }).click();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("No run matches these filters").waitFor();
  });

  it("tells parts of the address that it does not know", async () => {
    await page.goto(`${dashboard.url}/runs?nonsense=1`);
    await page.getByText(/does not know: nonsense/).waitFor();
  });

  it("tells a server that is away from one that refuses, and tries again", async () => {
    const fresh = await dashboard.newPage();
    let mode: "away" | "refuses" | "works" = "away";
    await fresh.route("**/graphql", async (route) => {
      if (mode === "away") return route.abort();
      if (mode === "works") return route.continue();
      return route.fulfill({
        contentType: "application/json",
        body: JSON.stringify({ data: null, errors: [{ message: "no", extensions: { code: "FORBIDDEN" } }] }),
      });
    });
    await fresh.goto(`${dashboard.url}/runs`);
    await fresh.locator('[role=alert][data-kind="network"]').waitFor();
    mode = "refuses";
    await fresh.getByRole("button", { name: "Try again" }).click();
    await fresh.locator('[role=alert][data-kind="graphql"]').getByText("FORBIDDEN").waitFor();
    mode = "works";
    await fresh.getByRole("button", { name: "Try again" }).click();
    await fresh.getByRole("table", { name: "Runs" }).waitFor();
    dashboard.takeProblems();
    await fresh.close();
  });
});

const isOrdered = (numbers: number[], sign: 1 | -1): boolean =>
  numbers.every((number, index) => index === 0 || sign * ((numbers[index - 1] as number) - number) <= 0);

describeDashboard("a run from the form", (dashboard) => {
  it(
    "is started by keyboard alone, watched, cancelled and deleted",
    async () => {
      const seed = 1_000_000 + process.pid;
      const page = await dashboard.open(`/runs/new?model=recall-gpt2&task=country-capital&seed=${seed}`);
      await page.getByRole("heading", { name: "Prompts", exact: true }).waitFor();
      await page.getByText(new RegExp(`npx recallscope run .*--seed ${seed}`)).waitFor();
      await expectAccessible(page);
      await page.getByRole("textbox", { name: "Narrow down: Tasks" }).focus();
      await page.keyboard.type("capital");
      await expect
        .poll(() => page.getByRole("group", { name: "Tasks" }).getByRole("checkbox").count())
        .toBeLessThan(9);
      await page.getByRole("button", { name: "Start run" }).focus();
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/runs\/[^/?]+$/);
      await page
        .getByRole("button", { name: /Cancel/ })
        .first()
        .focus();
      await page.keyboard.press("Enter");
      await page.getByText("Cancelled").first().waitFor({ timeout: RUN_LIMIT });

      await page.goto(`${dashboard.url}/runs?status=CANCELLED&columns=status,task,seed`);
      const row = rows(page, "Runs").filter({ hasText: String(seed) });
      await row.getByRole("checkbox").focus();
      await page.keyboard.press("Space");
      await page.getByRole("button", { name: "Delete", exact: true }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").getByRole("button", { name: "Delete" }).focus();
      await page.keyboard.press("Enter");
      await page.getByText("1 run deleted.").waitFor();
      await expect.poll(() => row.count(), SOON).toBe(0);
    },
    FLOW_LIMIT,
  );

  it("says what keeps it from starting", async () => {
    const page = await dashboard.open("/runs/new?model=,&task=,");
    await page.getByText("Tick a model and a task.", { exact: true }).waitFor();
    expect(await page.getByRole("button", { name: "Start run" }).isDisabled()).toBe(true);
    await page.goto(`${dashboard.url}/runs/new?shots=0,1`);
    await page.getByText("A study needs a name.").waitFor();
  });
});

describeDashboard("a study", (dashboard) => {
  it(
    "is made of a grid, renamed, and deleted without its runs",
    async () => {
      // The first runs, one of each model: they are found, and nothing has to be computed.
      const { task } = firstOf(dashboard.runs);
      const models = [
        ...new Set(dashboard.runs.filter((run) => run.task === task).map(({ model }) => model)),
      ];
      expect(models.length).toBeGreaterThan(1);
      const names = new URLSearchParams({ model: models.slice(0, 2).join(","), task, name: OWN });
      const page = await dashboard.open(`/runs/new?${names}`);
      await page.getByRole("button", { name: "Start 2 runs" }).click();
      await page.waitForURL(/\/studies\//);
      await page.getByRole("heading", { name: OWN }).waitFor();
      const grid = page.getByRole("table", { name: `Runs of ${OWN}` });
      await expect.poll(() => grid.getByRole("link", { name: /: Finished/ }).count(), SOON).toBe(2);
      await page.getByLabel("Cells show").selectOption("probability");
      await page.waitForURL(/number=probability/);
      await expectAccessible(page);

      await page.getByRole("button", { name: "More" }).click();
      await page.getByRole("menuitem", { name: /Rename/ }).click();
      await page.getByRole("dialog").getByLabel("Name").fill(`${OWN} renamed`);
      await page.getByRole("dialog").getByLabel("Note").fill("a note");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("heading", { name: `${OWN} renamed` }).waitFor();

      await page.goto(`${dashboard.url}/studies?q=${OWN}`);
      await expect.poll(() => rows(page, "Studies").count(), SOON).toBe(1);
      await expectAccessible(page);
      await page.getByRole("link", { name: `${OWN} renamed` }).click();
      await page.getByRole("button", { name: "More" }).click();
      await page.getByRole("menuitem", { name: /Delete/ }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
      await page.waitForURL(/\/studies$/);
    },
    FLOW_LIMIT,
  );
});

describeDashboard("tasks", (dashboard) => {
  const slug = `${OWN}-capitals`;
  it("stand in their domains and are narrowed down", async () => {
    const page = await dashboard.open("/tasks");
    await page.getByText(/28 of 2\d tasks in 12 domains|of 2\d tasks/).waitFor();
    await expectAccessible(page);
    await page.getByRole("searchbox").fill("zoo");
    await page.waitForURL(/q=zoo/);
  });

  it(
    "are added with a report of what was left out, edited by name, and deleted",
    async () => {
      const page = await dashboard.open("/import-task");
      await page
        .getByLabel("File", { exact: true })
        .fill("subject,answer\nPeru,Lima\nKenya,Nairobi\nPeru,Cusco\n,Rome\nChad,N'Djamena\n");
      await page.getByLabel("Worded like").selectOption("country-capital");
      await page.getByText("Say more than the file does").click();
      await page.getByLabel("Name in addresses").fill(slug);
      await page.getByText("new task").waitFor();
      await page.getByRole("heading", { name: /left out/ }).waitFor();
      await expectAccessible(page);
      await page.getByRole("button", { name: "Import the task" }).click();
      await page.waitForURL(new RegExp(`/tasks/${slug}`));
      await page.getByRole("table", { name: "Facts" }).getByText("Kenya", { exact: true }).waitFor();
      await page.getByRole("table", { name: "Facts" }).getByText(/^·/).first().waitFor();
      await expectAccessible(page);

      await page.getByRole("link", { name: "Edit" }).click();
      await page.waitForURL(/edit=/);
      await page.getByText("nothing new").waitFor();
      await page.getByText("Say more than the file does").click();
      await page.getByLabel("Title").fill("Capitals of my own");
      await page.getByRole("heading", { level: 2, name: "Capitals of my own" }).waitFor();
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("heading", { level: 1, name: /Capitals of my own/ }).waitFor();
      await page.getByRole("button", { name: "Delete" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
      await page.waitForURL(/\/tasks$/);
    },
    FLOW_LIMIT,
  );

  it("say how accurate models are, and which facts are hard", async () => {
    const { task } = firstOf(dashboard.runs);
    const page = await dashboard.open(`/tasks/${task}`);
    await page.getByRole("table", { name: "Accuracy by model" }).waitFor();
    await page.getByRole("columnheader", { name: "Known in" }).waitFor();
    await page
      .getByText(/of \d runs?/)
      .first()
      .waitFor();
    await expectAccessible(page);
  });
});

describeDashboard("models", (dashboard) => {
  it("are refused with a reason", async () => {
    const page = await dashboard.open("/models");
    await page.getByRole("button", { name: "Add a model" }).click();
    await page.getByLabel(/Folder of this server/).fill("/no/such/folder");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByRole("alert").getByText("MODEL_NOT_FOUND").waitFor();
    await expectAccessible(page);
  });

  it("are opened again with their progress", async () => {
    const page = await dashboard.open("/models");
    await page.getByRole("button", { name: "Add a model" }).click();
    await page.getByLabel(/Folder of this server/).fill("recall-gpt2");
    await page.getByRole("button", { name: "Open" }).click();
    await page.waitForURL(/\/models\/recall-gpt2$/, { timeout: 60_000 });
  });

  it("show their block: a click copies the name of a hook point", async () => {
    const page = await dashboard.newPage({ permissions: ["clipboard-read", "clipboard-write"] });
    await page.goto(`${dashboard.url}/models/recall-gpt2?layer=1`);
    await page.getByRole("button", { name: "Copy blocks.1.attn.hook_z" }).click();
    await page.getByText("Copied blocks.1.attn.hook_z").waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("blocks.1.attn.hook_z");
    await page.getByRole("heading", { name: "Recurring mover heads" }).waitFor();
    await page.getByText(/in \d+ runs? of \d+ tasks?/).waitFor();
    await expectAccessible(page);
  });
});

describeDashboard("the other pages", (dashboard) => {
  it("show workers and queue", async () => {
    const page = await dashboard.open("/system");
    await page.getByRole("table", { name: "Queue" }).waitFor();
    await page.getByRole("table", { name: "Workers" }).getByText("CPU").waitFor();
    await expectAccessible(page);
  });

  it("begin with what is newest", async () => {
    const page = await dashboard.open("/");
    await page.getByRole("heading", { name: /recall a fact/ }).waitFor();
    await page.getByRole("img", { name: /Strongest heads|Top-1 accuracy/ }).waitFor();
    await expectAccessible(page);
  });
});
