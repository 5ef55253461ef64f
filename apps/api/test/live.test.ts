import { EngineError, type LiveAsks, type LiveRequest } from "@recallscope/engine";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createLiveEngine } from "../src/live/live-engine.ts";
import { LiveQueue, MAX_WAITING } from "../src/live/live-queue.ts";
import { fakeEngine } from "./support/fake-engine.ts";
import { type Loose, type TestPlatform, testPlatform } from "./support/platform.ts";

/** A promise that the test settles. */
function held<T>() {
  let settle!: { resolve: (value: T) => void; reject: (error: Error) => void };
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
}
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "answered",
    (error: { code: string }) => error.code,
  );

describe("the queue of live questions", () => {
  const order: string[] = [];
  afterEach(() => void order.splice(0));
  const job = (name: string, more: Partial<Parameters<LiveQueue["add"]>[0]> = {}) => ({
    actor: "ann",
    key: null,
    quick: true,
    signal: new AbortController().signal,
    work: async () => {
      order.push(name);
      return name;
    },
    ...more,
  });
  /** Work that goes on until it is told to stop. */
  const endless = (name: string) => (signal: AbortSignal) =>
    new Promise<string>((_, reject) => {
      order.push(`${name} begins`);
      signal.addEventListener("abort", () => reject(new EngineError("CANCELLED", "run: cancelled")));
    });

  it("answers one at a time, the quick ones first, and stops a slow one for them", async () => {
    const queue = new LiveQueue();
    const gate = held<string>();
    let begun = 0;
    const slow = queue.add(
      job("slow", {
        quick: false,
        work: (signal) => (begun++ === 0 ? endless("slow")(signal) : gate.promise),
      }),
    );
    const other = queue.add(job("other", { quick: false }));
    expect(await queue.add(job("quick"))).toBe("quick");
    expect(await other).toBe("other");
    gate.resolve("slow, again");
    expect(await slow).toBe("slow, again");
    expect(order).toEqual(["slow begins", "quick", "other"]);
    expect(begun).toBe(2);
    expect(queue.idle).toBe(true);
  });

  it("lets the newest of a client win, waiting or under way, and nobody else's", async () => {
    const queue = new LiveQueue();
    const old = codeOf(queue.add(job("old", { key: "ann 1", work: endless("old") })));
    const waiting = codeOf(queue.add(job("waiting", { key: "ann 1" })));
    const others = queue.add(job("others", { key: "bob 1", actor: "bob" }));
    const newest = queue.add(job("newest", { key: "ann 1" }));
    expect(await old).toBe("SUPERSEDED");
    expect(await waiting).toBe("SUPERSEDED");
    expect(await Promise.all([others, newest])).toEqual(["others", "newest"]);
    expect(order).toEqual(["old begins", "others", "newest"]);
  });

  it("forgets who goes away, and goes on after failures", async () => {
    const queue = new LiveQueue();
    const [first, second] = [new AbortController(), new AbortController()];
    const running = codeOf(queue.add(job("running", { signal: first.signal, work: endless("running") })));
    const waiting = codeOf(queue.add(job("waiting", { signal: second.signal })));
    second.abort();
    expect(await waiting).toBe("CANCELLED");
    first.abort();
    expect(await running).toBe("CANCELLED");
    expect(await codeOf(queue.add(job("late", { signal: first.signal })))).toBe("CANCELLED");
    const failing = async () => {
      throw new EngineError("BAD_INPUT", "no");
    };
    expect(await codeOf(queue.add(job("failing", { work: failing })))).toBe("BAD_INPUT");
    expect(await queue.add(job("after"))).toBe("after");
    expect(order).toEqual(["running begins", "after"]);
  });

  it("holds a bounded number of questions of each asker", async () => {
    const queue = new LiveQueue();
    const gate = held<string>();
    const all = [queue.add(job("held", { work: () => gate.promise }))];
    for (let i = 0; i < MAX_WAITING; i++) all.push(queue.add(job(String(i))));
    expect(await codeOf(queue.add(job("too many")))).toBe("RATE_LIMITED");
    const bob = queue.add(job("bob", { actor: "bob" }));
    gate.resolve("held");
    expect(await bob).toBe("bob");
    expect((await Promise.all(all)).length).toBe(MAX_WAITING + 1);
  });
});

it("closes its model when nobody has asked for a while, and opens it again", async () => {
  let closed = held<void>();
  let asked = 0;
  const engine = {
    ...fakeEngine(),
    live: async () => {
      asked++;
      return {} as never;
    },
    close: async () => closed.resolve(),
  };
  const live = createLiveEngine(engine, { live: async () => {} }, 1);
  const caller = {
    actor: { id: null, name: "local", role: "ADMIN" as const },
    client: null,
    signal: new AbortController().signal,
  };
  const request = { model: "m", expected: { weightHash: "", tokenizerHash: "" } };
  const ask = () =>
    live.ask({ ...request, kind: "attention", ask: { prompt: "", layer: 0, head: 0 } }, caller);
  await ask();
  await closed.promise;
  closed = held();
  await ask();
  await closed.promise;
  expect(asked).toBe(2);
  const off = createLiveEngine(null, { live: async () => {} });
  expect(
    await codeOf(off.ask({ ...request, kind: "attention", ask: { prompt: "", layer: 0, head: 0 } }, caller)),
  ).toBe("LIVE_OFF");
});

describe("a live prompt over HTTP", () => {
  let platform: TestPlatform;
  let run: string;
  const requests: LiveRequest[] = [];
  let aborted = held<void>();
  /** What the engine does with the next questions. */
  let answer: (request: LiveRequest, signal?: AbortSignal) => Promise<unknown>;

  beforeAll(async () => {
    const engine = fakeEngine();
    engine.live = ((request: LiveRequest, { signal }: { signal?: AbortSignal } = {}) => {
      requests.push(request);
      return answer(request, signal);
    }) as typeof engine.live;
    platform = await testPlatform({ engine, livePerMinute: 40 });
    const { id } = await platform.createRun();
    await platform.reaches(id, "SUCCEEDED");
    run = id;
  });
  afterAll(() => platform.stop());
  afterEach(() => void requests.splice(0));

  const reading = { top: [], answer: null };
  const intervened: LiveAsks["intervention"]["result"] = {
    tokens: [],
    before: reading,
    after: reading,
    compared: [],
  };
  const INTERVENE = `query ($input: LivePromptInput!, $change: InterventionInput!) {
    livePrompt(input: $input) { intervention(input: $change) { answerToken } } }`;
  const intervene = (change: object, input: object = { prompt: 0 }) =>
    platform.graphql<Loose>(INTERVENE, { input: { run, ...input }, change });

  it("asks the model that the run was made with, for the prompt's own tokens and answer", async () => {
    answer = async () => intervened;
    const { errors } = await intervene({
      heads: [{ layer: 1, head: 0, scale: 0.5 }],
      mlps: [{ layer: 0, scale: 2 }],
      top: 4,
    });
    expect(errors).toBeUndefined();
    expect(requests).toEqual([
      {
        model: "demo",
        expected: { weightHash: "a".repeat(64), tokenizerHash: "b".repeat(64) },
        kind: "intervention",
        ask: {
          prompt: [1, 2, 3],
          answer: 0,
          top: 4,
          edits: [
            { hook: "blocks.1.attn.hook_z", head: 0, position: -1, scale: 0.5 },
            { hook: "blocks.0.hook_mlp_out", position: -1, scale: 2 },
          ],
        },
      },
    ]);
    requests.splice(0);
    await intervene(
      { heads: [{ layer: 0, head: 1, scale: 0 }], at: "ALL" },
      { text: "Hello", answer: " you" },
    );
    expect(requests[0]!.ask).toMatchObject({
      prompt: "Hello",
      answer: " you",
      edits: [{ hook: "blocks.0.attn.hook_z", head: 1, scale: 0 }],
    });
  });

  it("says what there is where it is asked for something else", async () => {
    answer = async () => intervened;
    const cases: [object, object, string, RegExp][] = [
      [{}, { prompt: 6 }, "NOT_FOUND", /^prompt 6: .*\(allowed: 0 to 5\)/],
      [{}, { prompt: 0, text: "both" }, "BAD_USER_INPUT", /either `prompt`, an index, or `text`/],
      [
        { heads: [{ layer: 2, head: 0, scale: 1 }] },
        { prompt: 0 },
        "BAD_USER_INPUT",
        /^head L2H0: .*layers 0 to 1, heads 0 to 1/,
      ],
      [{ mlps: [{ layer: 5, scale: 1 }] }, { prompt: 0 }, "BAD_USER_INPUT", /^MLP 5: .*0 to 1/],
      [
        { heads: [{ layer: 0, head: 0, scale: 2.1 }] },
        { prompt: 0 },
        "BAD_USER_INPUT",
        /scale of a head: allowed are numbers from 0 to 2/,
      ],
      [
        { heads: Array(2).fill({ layer: 0, head: 0, scale: 1 }) },
        { prompt: 0 },
        "BAD_USER_INPUT",
        /L0H0 is given twice/,
      ],
      [{ intercept: { layer: 0, alpha: 9 } }, { prompt: 0 }, "BAD_USER_INPUT", /alpha .*from -4 to 4/],
      [{ top: 51 }, { prompt: 0 }, "BAD_USER_INPUT", /allowed are 1 to 50/],
    ];
    for (const [change, input, code, message] of cases) {
      const { errors } = await intervene(change, input);
      expect(errors?.[0]?.extensions.code, String(message)).toBe(code);
      expect(errors?.[0]?.message).toMatch(message);
    }
    expect(
      await platform.codeOf(`{ livePrompt(input: { run: "0123456789abcdef", prompt: 0 }) { text } }`),
    ).toBe("NOT_FOUND");
    const patch = `query ($input: LivePromptInput!) { livePrompt(input: $input) { patching(over: HEADS) { clean } } }`;
    expect(await platform.codeOf(patch, { input: { run, text: "Hello" } })).toBe("BAD_USER_INPUT");
    expect(requests).toEqual([]);
  });

  it("passes on that the model's files are others by now", async () => {
    answer = async () => {
      throw new EngineError("MODEL_CHANGED", "weights of demo: hash 1, and the run was made with 2");
    };
    const { errors } = await intervene({});
    expect(errors![0]).toMatchObject({ extensions: { code: "MODEL_CHANGED" } });
    expect(errors![0]!.message).toMatch(/^weights of demo/);
  });

  it("stops when who asked goes away, and when the same client asks again", async () => {
    const begun = held<void>();
    answer = (_request, signal) =>
      new Promise((_, reject) => {
        begun.resolve();
        signal!.addEventListener("abort", () => {
          aborted.resolve();
          reject(new EngineError("CANCELLED", "run: cancelled"));
        });
      });
    const gone = new AbortController();
    const body = JSON.stringify({
      query: INTERVENE,
      variables: { input: { run, prompt: 0 }, change: {} },
    });
    const headers = { "content-type": "application/json" };
    const request = fetch(`${platform.url}/graphql`, { method: "POST", headers, body, signal: gone.signal });
    await begun.promise;
    gone.abort();
    await expect(request).rejects.toThrow();
    await aborted.promise;

    aborted = held();
    const first = intervene({}, { prompt: 0, client: "page" });
    await expect.poll(() => requests.length).toBe(2);
    answer = async () => intervened;
    const second = await intervene({}, { prompt: 1, client: "page" });
    expect(second.errors).toBeUndefined();
    expect((await first).errors![0]!.extensions.code).toBe("SUPERSEDED");
    await aborted.promise;
  });

  it("counts what questions cost, and refuses what is too much", async () => {
    answer = async () => intervened;
    let refused: Awaited<ReturnType<typeof intervene>> | undefined;
    let answered = 0;
    for (; answered < 60 && !refused; answered++) {
      const result = await intervene({});
      if (result.errors) refused = result;
    }
    expect(answered).toBeLessThan(41);
    expect(refused!.status).toBe(429);
    expect(refused!.errors![0]).toMatchObject({ extensions: { code: "RATE_LIMITED" } });
    expect(refused!.errors![0]!.message).toMatch(/too many live questions \(allowed: 40 in a minute\)/);
    const status = await platform.graphql(`{ runs(first: 1) { totalCount } }`);
    expect(status.errors).toBeUndefined();
  });

  it("bounds what one document may compute", async () => {
    const many = Array.from({ length: 9 }, (_, i) => `a${i}: attention(layer: 0, head: 0) { label }`).join(
      " ",
    );
    expect(
      await platform.codeOf(`query ($input: LivePromptInput!) { livePrompt(input: $input) { ${many} } }`, {
        input: { run, prompt: 0 },
      }),
    ).toBe("QUERY_TOO_COMPLEX");
  });
});
