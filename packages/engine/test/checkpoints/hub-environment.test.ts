import { homedir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { hubEnvironment } from "../../src/checkpoints/hub-environment.ts";
import { temporaryFolder, write } from "./files.ts";

const home = temporaryFolder();

describe("the hub's environment", () => {
  it.each([
    [{ HF_HUB_CACHE: "/a", HF_HOME: "/b" }, "/a"],
    [{ HF_HOME: "/b", XDG_CACHE_HOME: "/c" }, "/b/hub"],
    [{ XDG_CACHE_HOME: "/c", HF_HOME: "" }, "/c/huggingface/hub"],
    [{ HF_HUB_CACHE: "~/d" }, path.join(homedir(), "d")],
    [{}, path.join(homedir(), ".cache/huggingface/hub")],
  ])("%o keeps models in %s", (env, cacheFolder) => {
    expect(hubEnvironment(env).cacheFolder).toBe(cacheFolder);
  });

  it("has the token of the variable, or of the file that the Python tools write", () => {
    const file = write(home, "token", "hf_file\n");
    expect(hubEnvironment({ HF_HOME: home, HF_TOKEN: " hf_given " }).token).toBe("hf_given");
    expect(hubEnvironment({ HF_HOME: home }).token).toBe("hf_file");
    expect(hubEnvironment({ HF_HOME: "/nowhere", HF_TOKEN_PATH: file }).token).toBe("hf_file");
    expect(hubEnvironment({ HF_HOME: home, HF_HUB_DISABLE_IMPLICIT_TOKEN: "1" }).token).toBeUndefined();
    expect(hubEnvironment({ HF_HOME: "/nowhere" }).token).toBeUndefined();
  });

  it.each([
    [{ HF_HUB_OFFLINE: "1" }, true],
    [{ TRANSFORMERS_OFFLINE: "yes" }, true],
    [{ HF_HUB_OFFLINE: "0", TRANSFORMERS_OFFLINE: "1" }, false],
    [{}, false],
  ])("%o: offline is %s", (env, offline) => {
    expect(hubEnvironment(env).offline).toBe(offline);
  });

  it("has the address of the hub without a slash at its end", () => {
    expect(hubEnvironment({ HF_ENDPOINT: "https://hub.example/" }).hubUrl).toBe("https://hub.example");
    expect(hubEnvironment({}).hubUrl).toBeUndefined();
  });
});
