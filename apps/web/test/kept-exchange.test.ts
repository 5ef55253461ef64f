import { createClient, type Exchange, gql, type OperationResult } from "urql";
import { afterEach, expect, it, vi } from "vitest";
import { map, pipe } from "wonka";
import { keptExchange } from "@/graphql/kept-exchange.ts";

const KEPT = gql`query Kept($id: ID!) { run(id: $id) { value } }`;
const OTHER = gql`query Other($id: ID!) { run(id: $id) { value } }`;

let answers = 0;
let passedOn: string[] = [];
/** Stands for the cache and the network behind it. */
const behind: Exchange = () => (operations) =>
  pipe(
    operations,
    map((operation) => {
      if (operation.kind === "query") passedOn.push(String(operation.variables?.id));
      return { operation, data: "behind", stale: false, hasNext: false } as OperationResult;
    }),
  );
const clientOf = (answer: (asked: number) => object) =>
  createClient({
    url: "http://localhost/graphql",
    preferGetMethod: false,
    fetch: vi.fn(async () => Response.json(answer(++answers))),
    exchanges: [keptExchange(new Set(["Kept"])), behind],
  });
afterEach(() => {
  answers = 0;
  passedOn = [];
});

it("asks once for what is kept, for each of its variables, and hands on everything else", async () => {
  const client = clientOf((value) => ({ data: { run: { value } } }));
  const first = await client.query(KEPT, { id: "a" }).toPromise();
  const again = await client.query(KEPT, { id: "a" }).toPromise();
  expect(first.data).toEqual({ run: { value: 1 } });
  expect(again.data).toBe(first.data);
  expect((await client.query(KEPT, { id: "b" }).toPromise()).data).toEqual({ run: { value: 2 } });
  expect((await client.query(OTHER, { id: "c" }).toPromise()).data).toBe("behind");
  expect(answers).toBe(2);
  expect(passedOn).toEqual(["c"]);
});

it("asks again when told to, and keeps the newer answer", async () => {
  const client = clientOf((value) => ({ data: { run: { value } } }));
  await client.query(KEPT, { id: "a" }).toPromise();
  await client.query(KEPT, { id: "a" }, { requestPolicy: "network-only" }).toPromise();
  expect((await client.query(KEPT, { id: "a" }).toPromise()).data).toEqual({ run: { value: 2 } });
  expect(answers).toBe(2);
});

it("keeps no error, and lets the longest unused answer go", async () => {
  const client = clientOf((asked) =>
    asked === 1 ? { errors: [{ message: "no" }] } : { data: { run: { value: asked } } },
  );
  expect((await client.query(KEPT, { id: "0" }).toPromise()).error?.message).toContain("no");
  for (let id = 0; id < 64; id++) await client.query(KEPT, { id: String(id) }).toPromise();
  // Used again, so that the next to go is another one.
  await client.query(KEPT, { id: "0" }).toPromise();
  await client.query(KEPT, { id: "64" }).toPromise();
  const before = answers;
  await client.query(KEPT, { id: "0" }).toPromise();
  expect(answers).toBe(before);
  await client.query(KEPT, { id: "1" }).toPromise();
  expect(answers).toBe(before + 1);
});
