import { it } from "vitest";
import { describeDashboard } from "./support/dashboard.ts";

describeDashboard("a run that waits", (dashboard) => {
  it("learns what a queued run waits for, and that it is over", async () => {
    const first = `mutation { createRun(input: { model: "recall-llama", task: "country-capital", settings: { seed: 4803, shots: 1 } }) { run { id } } }`;
    const second = first.replace("4803", "4804");
    type Created = { createRun: { run: { id: string } } };
    const ids = [await dashboard.ask<Created>(first), await dashboard.ask<Created>(second)].map(
      ({ createRun }) => createRun.run.id,
    );
    const own = await dashboard.newPage();
    // The only worker of this server waits for nothing: its answers are changed on their way.
    const reason = "no worker has device webgpu (start one with RECALLSCOPE_DEVICE=webgpu)";
    let waitsFor: string | null = null;
    await own.route("**/graphql", async (route) => {
      if (!route.request().postData()?.includes("query RunShards")) return route.fallback();
      const answer = await route.fetch();
      const body = await answer.json();
      if (body.data?.run) body.data.run.waitsFor = waitsFor;
      await route.fulfill({ response: answer, json: body });
    });
    await own.goto(`${dashboard.url}/runs/${ids[1]}`);
    const status = own.getByRole("status").filter({ hasText: "Waiting" });
    await status.filter({ hasText: "Waiting for the runs before it" }).waitFor();
    waitsFor = reason;
    await status.filter({ hasText: `Waiting: ${reason}.` }).waitFor();
    waitsFor = null;
    await status.filter({ hasText: "Waiting for the runs before it" }).waitFor();
    for (const id of ids.reverse()) {
      await dashboard.ask(`mutation { cancelRun(input: { id: "${id}" }) { run { id } } }`);
      await dashboard.ask(`mutation { deleteRun(input: { id: "${id}" }) { deletedId } }`);
    }
    await own.unroute("**/graphql");
    await own.close();
  });
});
