import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Loose, type TestPlatform, testPlatform } from "./support/platform.ts";
import { storedRuns } from "./support/stored-runs.ts";

let platform: TestPlatform;
const KEYS = ["abcd000000000001", "abcd000000000002", "abce000000000003", "0000111122223333"];
let ids: string[];

beforeAll(async () => {
  platform = await testPlatform();
  const { prisma } = platform.services;
  const runs = await storedRuns(prisma, platform.models, KEYS.length);
  ids = runs.map(({ id }) => id);
  const { modelId, taskId } = await prisma.run.findUniqueOrThrow({ where: { id: ids[0]! } });
  for (const [i, key] of KEYS.entries())
    await prisma.run.update({
      where: { id: ids[i]! },
      data: {
        modelId,
        taskId,
        key,
        requestKey: key,
        shots: i === 3 ? 2 : 0,
        ...(i > 0 && i < 3 && { status: "FAILED" }),
      },
    });
});
afterAll(() => platform.stop());

/** What each name means: a key, or why there is none. */
async function meanings(names: string[]): Promise<string[]> {
  const { data, errors } = await platform.graphql<Loose>(
    "query ($names: [String!]!) { namedRuns(names: $names) { given problem run { key } } }",
    { names },
  );
  expect(errors).toBeUndefined();
  expect(data.namedRuns.map(({ given }: Loose) => given)).toEqual(names);
  return data.namedRuns.map(({ run, problem }: Loose) => run?.key ?? problem);
}

describe("runs by what people write for them", () => {
  it("are found by ids, keys, beginnings of keys in either case, and addresses", async () => {
    const { data } = await platform.graphql<Loose>(`{ run(id: "${KEYS[0]}") { id } }`);
    const names = [
      data.run.id,
      ids[0]!,
      KEYS[0]!,
      " ABCD000000000001 ",
      `https://host.example/team/runs/${KEYS[0]}?tab=heads#top`,
      `http://localhost:4000/runs/${encodeURIComponent(data.run.id)}`,
    ];
    expect(await meanings(names)).toEqual(names.map(() => KEYS[0]));
    expect(await meanings(["abce", "0000", "abcd000000000002"])).toEqual([KEYS[2], KEYS[3], KEYS[1]]);
  });

  it("are found by model and task, with shots where that is needed, if one is meant", async () => {
    const { name } = await platform.services.prisma.model.findFirstOrThrow({
      where: { runs: { some: { id: ids[0]! } } },
    });
    const { slug } = await platform.services.prisma.task.findFirstOrThrow({
      where: { runs: { some: { id: ids[0]! } } },
    });
    const named = `${name}/${slug}`;
    // Of the zero-shot ones only one is finished.
    expect(await meanings([`${named}/zero-shot`, `${named}/0-shot`, `${named}/2-shot`])).toEqual([
      KEYS[0],
      KEYS[0],
      KEYS[3],
    ]);
    const [both, none] = await meanings([named, `${named}/5-shot`]);
    expect(both).toBe(`2 runs are meant: ${KEYS[3]} (2-shot), ${KEYS[0]} (0-shot) (write one of these keys)`);
    expect(none).toBe("there is no such run (was it deleted?)");
  });

  it("are not guessed: what means several or none says so", async () => {
    expect(await meanings(["abcd", "ffff", "abc", "nonsense", "/", "a/"])).toEqual([
      `2 runs are meant: ${KEYS[1]}, ${KEYS[0]} (write one of these keys)`,
      "there is no such run (was it deleted?)",
      ...["abc", "nonsense", "/", "a/"].map(
        () => "neither the id or key of a run (at least 4 characters of it), nor MODEL/TASK",
      ),
    ]);
  });

  it("are up to 50 at once", async () => {
    const { errors } = await platform.graphql<Loose>(
      "query ($names: [String!]!) { namedRuns(names: $names) { given } }",
      {
        names: new Array(51).fill("abcd"),
      },
    );
    expect(errors![0]!.message).toBe("names: allowed are up to 50 of up to 1000 characters");
  });
});
