import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../src/env.ts";
import { importBundle } from "../../src/exports/bundle/import-run.ts";
import { contentHash, sha256 } from "../../src/exports/bundle/manifest.ts";
import { readBundle } from "../../src/exports/bundle/read-bundle.ts";
import { pack } from "../../src/exports/bundle/write-bundle.ts";
import { readReport } from "../../src/results/read-report.ts";
import { findRun } from "../../src/runs/find-run.ts";
import { saveRun } from "../../src/runs/save-run.ts";
import { loadTasks } from "../../src/tasks/load-tasks.ts";
import { modelsFolder } from "../support/platform.ts";
import { templateDatabase } from "../support/template.ts";
import { BITS, hardReport } from "./exported-run.ts";
import { bundleOf, counts, rowsOf, type Store, taskOf } from "./stores.ts";

let here: Store;
let there: Store;
let runId: string;
let key: string;
let bundle: Buffer;
let models: string;

beforeAll(async () => {
  here = await templateDatabase();
  there = await templateDatabase();
  const { prisma } = here.database;
  models = await modelsFolder("demo");
  await loadTasks(prisma, `${ROOT}/tasks`);
  const [task, other] = await Promise.all(
    ["country-capital", "country-language"].map((slug) => taskOf(prisma, slug)),
  );
  const report = hardReport(task!);
  report.receipt.related = [
    { id: other!.id, hash: (await prisma.task.findFirstOrThrow({ where: { slug: other!.id } })).hash },
  ];
  const places = { modelsFolder: models, base: models };
  ({ id: runId, key } = await saveRun(prisma, { task: task!, related: [other!], report }, places));
  bundle = await bundleOf(prisma, key);
});
afterAll(async () => {
  await here.database.close();
  await there.database.close();
  await rm(models, { recursive: true, force: true });
});

describe("a bundle in another installation", () => {
  it("leaves nothing behind when it cannot be written to the end", async () => {
    const { pglite, database } = there;
    await pglite.exec(`alter table "RunArray" add constraint full_disk check (index < 1) not valid`);
    await expect(importBundle(database.prisma, bundle)).rejects.toThrow(/full_disk/);
    expect(await counts(there)).toEqual([0, 0, 0, 0]);
    await pglite.exec(`alter table "RunArray" drop constraint full_disk`);
  });

  it("is the same run to the bit, and gives the same bundle again", async () => {
    const imported = await importBundle(there.database.prisma, bundle);
    expect(imported).toMatchObject({ key, created: true });
    expect(await rowsOf(there, imported.id)).toEqual(await rowsOf(here, runId));
    const report = await readReport(there.database.prisma, imported.id);
    expect(report).toEqual(await readReport(here.database.prisma, runId));
    expect([...new Uint32Array(report!.arrays[1]!.values.buffer)]).toEqual([...BITS]);
    expect(report!.prompts[0]).toMatchObject({ tokens: [1, 2, 3], tokenTexts: ["The", "\u0000", "\ud800"] });
    expect(await bundleOf(there.database.prisma, key)).toEqual(bundle);
    expect((await taskOf(there.database.prisma, "country-language")).id).toBe("country-language");
  });

  it("is imported once, however often and by however many at a time", async () => {
    const before = await counts(there);
    const again = await Promise.all([1, 2].map(() => importBundle(there.database.prisma, bundle)));
    expect(again.map(({ created }) => created)).toEqual([false, false]);
    expect(await counts(there)).toEqual(before);
  });

  it("is the same run when only time and machine differ, and a conflict when a number does", async () => {
    const { prisma } = there.database;
    const later = changed((parts) => {
      parts.receipt.seconds = 99;
      parts.receipt.startedAt = "2026-01-01T00:00:00.000Z";
    });
    expect(await importBundle(prisma, later)).toMatchObject({ key, created: false });
    const other = changed((parts) => {
      parts.report.prediction.chance = 0.34;
    });
    await expect(importBundle(prisma, other)).rejects.toMatchObject({ code: "BUNDLE_CONFLICT" });
    expect(await prisma.run.count()).toBe(1);
    const forced = await importBundle(prisma, other, { force: true });
    expect(forced).toMatchObject({ key, created: true });
    expect((await findRun(prisma, key)).id).toBe(forced.id);
    expect(await importBundle(prisma, bundle)).toMatchObject({ created: false });
  });

  it("changes neither the models nor the wording of tasks that are known there", async () => {
    const { prisma } = there.database;
    await prisma.run.deleteMany();
    await prisma.model.updateMany({ data: { source: "HUB", fingerprint: "f" } });
    await prisma.task.updateMany({ where: { slug: "country-capital" }, data: { title: "Mine" } });
    expect(await importBundle(prisma, bundle)).toMatchObject({ created: true });
    expect(await prisma.model.findMany()).toMatchObject([{ name: "demo", source: "HUB", fingerprint: "f" }]);
    expect((await prisma.task.findFirstOrThrow({ where: { slug: "country-capital" } })).title).toBe("Mine");
  });
});

// biome-ignore lint/suspicious/noExplicitAny: parts are spoilt on purpose
type Spoilt = any;
interface Taken {
  header: Spoilt;
  manifest: Spoilt;
  parts: { name: string; dtype: "F32" | "U8"; shape: number[]; bytes: Uint8Array }[];
}

/** The bundle in pieces, read by the description of its format. */
function taken(): Taken {
  const end = 8 + Number(bundle.readBigUInt64LE(0));
  const header = JSON.parse(bundle.toString("utf8", 8, end));
  const manifest = JSON.parse(header.__metadata__.manifest);
  const parts = manifest.parts.map(({ name }: { name: string }) => {
    const { dtype, shape, data_offsets } = header[name];
    return { name, dtype, shape, bytes: bundle.subarray(end + data_offsets[0], end + data_offsets[1]) };
  });
  return { header, manifest, parts };
}

/** A bundle with other content and right checksums, as someone who knows the format can make it. */
function changed(change: (parts: Spoilt) => void, spoil: (taken: Taken) => void = () => {}): Buffer {
  const pieces = taken();
  const texts: Spoilt = {};
  for (const part of pieces.parts)
    if (part.dtype === "U8") texts[part.name] = JSON.parse(Buffer.from(part.bytes).toString());
  change(texts);
  for (const part of pieces.parts)
    if (part.dtype === "U8") {
      part.bytes = Buffer.from(JSON.stringify(texts[part.name]));
      part.shape = [part.bytes.length];
    }
  spoil(pieces);
  const listed = pieces.parts.map(({ name, bytes }) => ({
    name,
    bytes: bytes.length,
    sha256: sha256(bytes),
  }));
  const manifest = { ...pieces.manifest, parts: listed };
  manifest.content = contentHash(manifest);
  return Buffer.concat(pack(pieces.parts, manifest));
}

/** The same file with another header, whose checksums are as given. */
function withHeader(change: (header: Spoilt) => void): Buffer {
  const end = 8 + Number(bundle.readBigUInt64LE(0));
  const { header } = taken();
  change(header);
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, bundle.subarray(end)]);
}
const withManifest = (change: (manifest: Spoilt) => void) =>
  withHeader(({ __metadata__ }) => {
    const manifest = JSON.parse(__metadata__.manifest);
    change(manifest);
    __metadata__.manifest = JSON.stringify(manifest);
    __metadata__.manifest_sha256 = sha256(__metadata__.manifest);
  });
const claiming = (bytes: bigint) => {
  const file = Buffer.from(bundle);
  file.writeBigUInt64LE(bytes, 0);
  return file;
};
const flipped = (at: number) => {
  const file = Buffer.from(bundle);
  file[at]! ^= 1;
  return file;
};

describe("a bundle that is damaged or hostile", () => {
  it("can be rebuilt by this test as it is", () => {
    expect(changed(() => {})).toEqual(bundle);
    expect(readBundle(withHeader(() => {})).manifest.key).toBe(key);
  });

  it("is refused with any byte flipped and at any length", () => {
    for (let at = 0; at < bundle.length; at += Math.ceil(bundle.length / 400))
      expect(() => readBundle(flipped(at)), `byte ${at}`).toThrow(/^bundle: /);
    for (let size = 0; size < bundle.length; size += Math.ceil(bundle.length / 100))
      expect(() => readBundle(bundle.subarray(0, size)), `${size} bytes`).toThrow(/^bundle: /);
    expect(() => readBundle(Buffer.concat([bundle, Buffer.alloc(1)]))).toThrow(/1 bytes after the last part/);
  });

  it.each<[string, () => Buffer, string, RegExp]>([
    [
      "claims a giant header",
      () => claiming(2n ** 63n),
      "BAD_BUNDLE",
      /header claims 9223372036854775808 bytes/,
    ],
    [
      "is no such file",
      () => Buffer.from("PK\u0003\u0004 a zip archive, say"),
      "BAD_BUNDLE",
      /header claims/,
    ],
    ["has another form", () => withHeader((h) => (h.__metadata__.version = "2")), "BUNDLE_VERSION", /form 2/],
    [
      "is another file of tensors",
      () => withHeader((h) => (h.__metadata__ = { format: "pt" })),
      "BAD_BUNDLE",
      /no metadata/,
    ],
    [
      "changed its manifest",
      () => withHeader((h) => (h.__metadata__.manifest += " ")),
      "BAD_BUNDLE",
      /manifest does not have its checksum/,
    ],
    [
      "claims a giant part",
      () =>
        withHeader((h) =>
          Object.assign(h["arrays/odd bits"], { shape: [2 ** 40], data_offsets: [16, 16 + 2 ** 42] }),
        ),
      "BAD_BUNDLE",
      /do not agree/,
    ],
    [
      "lists a giant part everywhere",
      () => {
        const file = withManifest((m) => (m.parts.at(-1).bytes = 2 ** 50));
        const end = 8 + Number(file.readBigUInt64LE(0));
        const header = JSON.parse(file.toString("utf8", 8, end));
        header.report = {
          dtype: "U8",
          shape: [2 ** 50],
          data_offsets: [header.report.data_offsets[0], header.report.data_offsets[0] + 2 ** 50],
        };
        const text = Buffer.from(JSON.stringify(header));
        const length = Buffer.alloc(8);
        length.writeBigUInt64LE(BigInt(text.length));
        return Buffer.concat([length, text, file.subarray(end)]);
      },
      "BAD_BUNDLE",
      /ends after the file/,
    ],
    [
      "overlaps parts",
      () => withHeader((h) => (h.task.data_offsets = h.receipt.data_offsets)),
      "BAD_BUNDLE",
      /do not agree/,
    ],
    [
      "hides a part",
      () => withHeader((h) => (h["../../etc/passwd"] = { dtype: "U8", shape: [0], data_offsets: [0, 0] })),
      "BAD_BUNDLE",
      /not in the manifest/,
    ],
    [
      "lacks a part",
      () =>
        changed(
          () => {},
          ({ parts }) => parts.splice(-2, 1),
        ),
      "BAD_BUNDLE",
      /not those of a run/,
    ],
    [
      "has a wrong checksum",
      () => withManifest((m) => (m.parts[0].sha256 = "0".repeat(64))),
      "BAD_BUNDLE",
      /does not have its checksum/,
    ],
    [
      "has another content hash",
      () => withManifest((m) => (m.content = "0".repeat(64))),
      "BAD_BUNDLE",
      /hash of its content/,
    ],
    [
      "has a path for an array",
      () =>
        changed(
          () => {},
          (t) => {
            t.manifest.arrays[0].name = "../x";
          },
        ),
      "BAD_BUNDLE",
      /not those of a run/,
    ],
    [
      "has labels of another shape",
      () =>
        changed(
          () => {},
          (t) => t.manifest.arrays[0].axes[0].labels.pop(),
        ),
      "BAD_BUNDLE",
      /labels are of F32/,
    ],
    [
      "names an unknown field",
      () =>
        changed(
          () => {},
          (t) => {
            t.manifest.more = 1;
          },
        ),
      "BAD_BUNDLE",
      /manifest: /,
    ],
    [
      "has other semantics",
      () => changed((p) => (p.receipt.semanticsVersion = 1e6)),
      "BUNDLE_VERSION",
      /semantics 1000000/,
    ],
    [
      "claims another key",
      () => withManifest((m) => (m.key = "0".repeat(16))),
      "BAD_BUNDLE",
      /its receipt gives/,
    ],
    [
      "has other weights under the same key",
      () => changed((p) => (p.receipt.model.weightHash = "c".repeat(64))),
      "BAD_BUNDLE",
      /its receipt gives/,
    ],
    [
      "asks other facts",
      () => changed((p) => p.task.facts.pop()),
      "BAD_BUNDLE",
      /not the one that its receipt names/,
    ],
    [
      "has a task that is none",
      () => changed((p) => (p.task.clauses = [])),
      "BAD_BUNDLE",
      /task of the bundle/,
    ],
    [
      "brings a task of its own",
      () => changed((p) => (p.related = [{ ...p.task, id: "planted" }])),
      "BAD_BUNDLE",
      /does not name it/,
    ],
    [
      "has a setting that is none",
      () => changed((p) => (p.receipt.settings.knownFilter = "ALL")),
      "BAD_BUNDLE",
      /receipt: settings: knownFilter/,
    ],
    [
      "has a report of another kind",
      () => changed((p) => (p.report.prediction = {})),
      "BAD_BUNDLE",
      /table .*: cannot be made/,
    ],
    [
      "has a text for a number",
      () => changed((p) => (p.report.argumentPassing.heads[1].effect.value = "1")),
      "BAD_BUNDLE",
      /table heads, row 1, effect/,
    ],
    [
      "reports on a task that would lie elsewhere",
      () => changed((p) => (p.report.task.id = "../../elsewhere")),
      "BAD_BUNDLE",
      /report: is of task \.\.\/\.\.\/elsewhere/,
    ],
    ["has a part too many", () => changed((p) => (p.report.script = {})), "BAD_BUNDLE", /report: /],
    [
      "has prompts of facts that are none",
      () => changed((p) => (p.prompts[0].fact = 77)),
      "BAD_BUNDLE",
      /prompt 0/,
    ],
    [
      "has U+0000 in a name",
      () => changed((p) => (p.task.title = "a\u0000")),
      "BAD_BUNDLE",
      /cannot be stored/,
    ],
  ])("is refused when it %s", (_, make, code, message) => {
    const file = make();
    let caught: unknown;
    try {
      readBundle(file);
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
