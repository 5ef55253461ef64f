import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../lib/commands.mjs";

// No container engine runs where this is tested: what the files name must exist, and what a linter of them would ask for must hold.
const read = (file) => readFileSync(path.join(ROOT, file), "utf8");
const compose = parse(read("compose.yaml"), { merge: true });
const instructions = read("Dockerfile")
  .replace(/\\\n\s*/g, " ")
  .split("\n")
  .filter((line) => /^[A-Z]+ /.test(line))
  .map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]);
const all = (name) => instructions.filter(([own]) => own === name).map(([, rest]) => rest);
const final = instructions.slice(instructions.map(([name]) => name).lastIndexOf("FROM"));
const last = (name) => final.findLast(([own]) => own === name)?.[1];
const ours = ["server", "worker"].map((name) => [name, compose.services[name]]);

/** Variables that the programs read, the base images' own, and Node's. */
const known = [
  ...[
    "apps/api/src/env.ts",
    "packages/engine/src/checkpoints/hub-environment.ts",
    "packages/engine/src/checkpoints/gguf/weights-folder.ts",
  ].flatMap((file) => [...read(file).matchAll(/\b[A-Z][A-Z_]{3,}\b/g)].map(([name]) => name)),
  ...[
    "HOST",
    "PORT",
    "NODE_ENV",
    "NEXT_TELEMETRY_DISABLED",
    "POSTGRES_USER",
    "POSTGRES_DB",
    "POSTGRES_PASSWORD_FILE",
  ],
];
/** Of the context that .dockerignore leaves: the last line that matches a path, or a folder of it, decides. */
function isSent(file) {
  let sent = true;
  for (const line of read(".dockerignore").split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const [negated, pattern] = line.startsWith("!") ? [true, line.slice(1)] : [false, line];
    const expression = pattern
      .replaceAll(".", "\\.")
      .replace(/\*\*\/|\*/g, (stars) => (stars === "*" ? "[^/]*" : "(?:.*/)?"));
    if (new RegExp(`^${expression}(?:/|$)`).test(file)) sent = negated;
  }
  return sent;
}

describe("the Dockerfile", () => {
  it("builds from the lock file and fixed versions", () => {
    for (const image of all("FROM")) expect(image).toMatch(/^node:\d+\.\d+\.\d+-[a-z]+-slim(?: AS \w+)?$/);
    expect(new Set(all("FROM").map((image) => image.split(" ")[0])).size).toBe(1);
    expect(all("RUN").join("\n")).toContain("npm ci");
    expect(all("RUN").join("\n")).not.toMatch(/npm i(?:nstall)?\b|apt-get|sudo|curl/);
    expect(all("ADD")).toEqual([]);
  });

  it("copies what exists and is sent, each workspace's package.json before the install", () => {
    const beforeInstall = instructions.slice(
      0,
      instructions.findIndex(([, rest]) => rest.includes("npm ci")),
    );
    const copied = beforeInstall
      .filter(([name]) => name === "COPY")
      .flatMap(([, rest]) => rest.split(" ").slice(0, -1));
    for (const file of copied)
      expect([file, existsSync(path.join(ROOT, file)), isSent(file)]).toEqual([file, true, true]);
    const workspaces = Object.keys(JSON.parse(read("package-lock.json")).packages).filter((place) =>
      /^(?:apps|packages)\/[^/]+$/.test(place),
    );
    expect(workspaces.length).toBeGreaterThan(3);
    expect(copied.filter((file) => file.includes("/"))).toEqual(
      workspaces.map((place) => `${place}/package.json`),
    );
  });

  it("runs as a user that is not root, answers for its health, and gets its signals itself", () => {
    expect(last("USER")).toBe("node");
    expect(final.findIndex(([name]) => name === "USER")).toBeLessThan(
      final.findIndex(([name]) => name === "CMD"),
    );
    expect(last("HEALTHCHECK")).toContain("/readyz");
    expect(read("apps/api/src/http/health.ts")).toContain('"/readyz"');
    const command = JSON.parse(last("CMD"));
    expect(command[0]).toBe("node");
    expect(existsSync(path.join(ROOT, command.at(-1)))).toBe(true);
  });

  it("sets what the program reads", () => {
    const names = final
      .filter(([name]) => name === "ENV")
      .flatMap(([, rest]) => [...rest.matchAll(/(\w+)=/g)].map(([, own]) => own));
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) expect(known).toContain(name);
    expect(last("ENV")).not.toMatch(/PASSWORD|TOKEN|SECRET/);
  });
});

it("the context has what is built and run, and nothing secret or local", () => {
  for (const file of [
    "prisma/schema.prisma",
    "prisma/migrations/migration_lock.toml",
    "tasks/country-capital.json",
    "models/recall-gpt2/config.json",
    "turbo.json",
    "tsconfig.base.json",
    "prisma.config.ts",
    "scripts/start.mjs",
    "apps/api/src/main.ts",
    "apps/web/next.config.ts",
    "apps/api/schema.graphql",
  ])
    expect([file, existsSync(path.join(ROOT, file)), isSent(file)]).toEqual([file, true, true]);
  for (const file of [
    ".git/config",
    ".env",
    "apps/api/.env.local",
    "database-password.txt",
    "node_modules/x/index.js",
    "apps/web/.next/BUILD_ID",
    ".recallscope/db/PG_VERSION",
    "apps/api/src/generated/pothos.ts",
    "apps/api/test/runs.test.ts",
  ])
    expect([file, isSent(file)]).toEqual([file, false]);
});

describe("compose.yaml", () => {
  it("names volumes, secrets and services that it defines", () => {
    for (const { volumes = [], secrets = [], depends_on = {} } of Object.values(compose.services)) {
      for (const volume of volumes) {
        const [source] = volume.replace(/\$\{[^}]*:-([^}]*)\}/, "$1").split(":");
        if (!source.startsWith(".")) expect(Object.keys(compose.volumes)).toContain(source);
      }
      for (const secret of secrets) expect(Object.keys(compose.secrets)).toContain(secret);
      for (const [name, { condition }] of Object.entries(depends_on)) {
        expect(condition).toBe("service_healthy");
        expect(compose.services[name].healthcheck.test).toBeInstanceOf(Array);
      }
    }
    expect(compose.services.database.image).toMatch(/^postgres:\d+/);
  });

  it.each(ours)(
    "the %s runs what exists, with variables that it reads and a secret that is mounted",
    (_name, service) => {
      const command = service.command ?? JSON.parse(last("CMD"));
      expect(existsSync(path.join(ROOT, command.at(-1)))).toBe(true);
      for (const name of Object.keys(service.environment)) expect(known).toContain(name);
      const { DATABASE_URL, DATABASE_PASSWORD_FILE } = service.environment;
      const { host, password, username, pathname } = new URL(DATABASE_URL);
      expect(Object.keys(compose.services)).toContain(host.split(":")[0]);
      expect(password).toBe("");
      const { POSTGRES_USER, POSTGRES_DB, POSTGRES_PASSWORD_FILE } = compose.services.database.environment;
      expect([username, pathname.slice(1), DATABASE_PASSWORD_FILE]).toEqual([
        POSTGRES_USER,
        POSTGRES_DB,
        POSTGRES_PASSWORD_FILE,
      ]);
      expect(service.secrets.map((name) => `/run/secrets/${name}`)).toContain(DATABASE_PASSWORD_FILE);
    },
  );

  it.each(ours)("the %s may do no more than it needs", (_name, service) => {
    expect(service.read_only).toBe(true);
    expect(service.cap_drop).toEqual(["ALL"]);
    expect(service.security_opt).toEqual(["no-new-privileges:true"]);
    const written = service.volumes
      .map((volume) => volume.split(":"))
      .filter((parts) => parts.at(-1) !== "ro");
    expect(written.map((parts) => parts.at(-1)).sort()).toEqual(JSON.parse(last("VOLUME")).sort());
  });

  it("opens no port but the server's, to this machine alone", () => {
    const open = Object.entries(compose.services).flatMap(([name, { ports = [] }]) =>
      ports.map((port) => [name, port]),
    );
    expect(open).toEqual([["server", expect.stringMatching(/^127\.0\.0\.1:.*:3000$/)]]);
  });

  it("leaves runs to the worker, and looks for none at the server", () => {
    expect(compose.services.server.environment.RECALLSCOPE_WORKER).toBe("off");
    expect(compose.services.worker.command.at(-1)).toBe("apps/api/src/worker.ts");
    expect(compose.services.worker.healthcheck).toEqual({ disable: true });
  });
});
