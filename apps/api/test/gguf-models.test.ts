import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modelFingerprint } from "../src/models/fingerprint.ts";
import { resolveModelName } from "../src/models/model-name.ts";

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "recallscope-gguf-"));
  file = path.join(folder, "it.gguf");
  await writeFile(file, "GGUF");
});
afterAll(() => rm(folder, { recursive: true }));

describe("a GGUF file as a model", () => {
  it("is known by its absolute path", async () => {
    expect(await resolveModelName(file, { modelsFolder: folder, modelFolders: null })).toEqual({
      name: file,
      source: "FOLDER",
    });
    expect(await resolveModelName("it.gguf", { modelsFolder: folder, modelFolders: null }, folder)).toEqual({
      name: file,
      source: "FOLDER",
    });
  });

  it("is opened in listed folders only", async () => {
    const places = { modelsFolder: path.join(folder, "models"), modelFolders: [path.join(folder, "other")] };
    await expect(resolveModelName(file, places)).rejects.toMatchObject({ code: "MODEL_NOT_ALLOWED" });
    expect(await resolveModelName(file, { ...places, modelFolders: [folder] })).toMatchObject({ name: file });
  });

  it("is no hub id where there is no such file", async () => {
    await expect(
      resolveModelName("owner/name.gguf", { modelsFolder: folder, modelFolders: null }),
    ).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
    });
    await expect(
      resolveModelName(path.join(folder, "no.gguf"), { modelsFolder: folder, modelFolders: null }),
    ).rejects.toThrow(/no GGUF file there/);
  });

  it("has another fingerprint when it changed, and not when its neighbours did", async () => {
    const model = { name: file, source: "FOLDER" } as const;
    const before = await modelFingerprint(model, folder);
    await writeFile(path.join(folder, "config.json"), "{}");
    expect(await modelFingerprint(model, folder)).toBe(before);
    await writeFile(file, "GGUF, longer");
    expect(await modelFingerprint(model, folder)).not.toBe(before);
  });
});
