import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { explain, ROOT } from "../lib/commands.mjs";
import { checkFreeSpace, whyInstall } from "../lib/install.mjs";
import { address, checkPort } from "../lib/port.mjs";
import { summarise } from "../lib/test.mjs";

let folder;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "recallscope-scripts-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the check of Node", () => {
  const check = path.join(ROOT, "scripts/lib/require-node.cjs");
  const withVersion = (version) =>
    spawnSync(
      process.execPath,
      [
        "-e",
        `Object.defineProperty(process, "versions", { value: { node: "${version}" } }); require(${JSON.stringify(check)})`,
      ],
      { encoding: "utf8" },
    );

  it.each(["12.22.0", "18.1.0", "20.18.3"])("refuses %s and says what is needed", (version) => {
    const { status, stderr } = withVersion(version);
    expect(status).toBe(1);
    expect(stderr).toContain(`Node ${version} found, >= 20.19 needed`);
  });
  it.each(["20.19.0", "22.1.0", "24.0.0"])("lets %s pass", (version) =>
    expect(withVersion(version).status).toBe(0),
  );
});

describe("whyInstall", () => {
  const lock = (version) => ({
    packages: {
      "": { name: "x" },
      "apps/api": { name: "api" },
      "node_modules/api": { link: true },
      "node_modules/a": { version },
      "node_modules/only-on-mac": { version: "1.0.0", optional: true },
    },
  });
  const write = (place, value) => {
    mkdirSync(path.dirname(path.join(folder, place)), { recursive: true });
    writeFileSync(path.join(folder, place), JSON.stringify(value));
  };

  it("asks for an install when there is none, or an interrupted one", () => {
    write("package-lock.json", lock("1.0.0"));
    expect(whyInstall(folder)).toMatch(/not installed/);
    mkdirSync(path.join(folder, "node_modules/a"), { recursive: true });
    expect(whyInstall(folder)).toMatch(/not installed/);
  });
  it("asks for one when a version differs, and for none when all agree", () => {
    write("package-lock.json", lock("1.0.1"));
    write("node_modules/.package-lock.json", { packages: { "node_modules/a": { version: "1.0.0" } } });
    expect(whyInstall(folder)).toBe("a 1.0.1 is missing");
    write("package-lock.json", lock("1.0.0"));
    expect(whyInstall(folder)).toBeNull();
  });
  it("finds this very tree installed", () => expect(whyInstall()).toBeNull());
});

describe("what is wrong is said", () => {
  it("too little space", () => expect(checkFreeSpace(1e18)).rejects.toThrow(/GB free .* needed/));
  it("a port that is taken, and one that is none", async () => {
    const holder = createServer();
    await new Promise((resolve) => holder.listen(0, "127.0.0.1", resolve));
    const { port } = holder.address();
    await expect(checkPort({ port, host: "127.0.0.1" })).rejects.toThrow(`port ${port} is taken`);
    await new Promise((resolve) => holder.close(resolve));
    await expect(checkPort({ port, host: "127.0.0.1" })).resolves.toContain("free");
    expect(() => address({ PORT: "http" })).toThrow(/PORT is "http", allowed: 1 to 65535/);
    expect(() => address({ PORT: "70000" })).toThrow(/allowed/);
    expect(address({})).toEqual({ port: 3000, host: "127.0.0.1" });
  });
  it.each([
    ["npm error code ENOTFOUND", /not reachable/],
    ["npm error ENOSPC: no space left on device", /disk is full/],
    ["npm error code EUSAGE", /package-lock.json differ/],
    ["npm error code EACCES", /no permission/],
  ])("%s", (output, expected) => expect(explain(output)).toMatch(expected));
});

describe("npm start", () => {
  it("names a taken port before it installs or builds anything", async () => {
    const holder = createServer();
    await new Promise((resolve) => holder.listen(0, "127.0.0.1", resolve));
    const { port } = holder.address();
    // A copy without node_modules: had it begun to install, the output would say so.
    cpSync(path.join(ROOT, "scripts"), path.join(folder, "scripts"), { recursive: true });
    cpSync(path.join(ROOT, "package.json"), path.join(folder, "package.json"));
    let failure;
    try {
      execFileSync(process.execPath, ["scripts/start.mjs"], {
        cwd: folder,
        env: { ...process.env, PORT: String(port), HOST: "127.0.0.1" },
        encoding: "utf8",
        stdio: "pipe",
      });
    } catch (error) {
      failure = error;
    }
    await new Promise((resolve) => holder.close(resolve));
    expect(failure?.status).toBe(1);
    expect(failure.stderr).toContain(`port ${port} is taken`);
    expect(failure.stdout).not.toContain("Installing");
    expect(failure.stderr).not.toContain("    at ");
  });
});

describe("summarise", () => {
  const report = {
    numPassedTests: 3,
    numFailedTests: 1,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [],
  };
  const file = (status, ...results) => ({
    status,
    assertionResults: results.map((result) => ({ status: result })),
  });

  it("counts tests, and files that broke before their first test", () => {
    expect(summarise({ ...report, testResults: [file("failed", "failed"), file("failed")] }).line).toBe(
      "3 passed, 2 failed",
    );
    expect(summarise({ ...report, numFailedTests: 0 }).line).toBe("3 passed, 0 failed");
  });
  it("takes a missing report for a failure", () => expect(summarise(null).failed).toBe(1));
});
