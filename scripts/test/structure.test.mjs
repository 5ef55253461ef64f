import { describe, expect, it } from "vitest";
import { importsOf, violations } from "../lib/structure.mjs";

const found = (path, text, ...others) => violations([{ path, text }, ...others]);

describe("importsOf", () => {
  it("sees static, side-effect, dynamic, type and re-exporting imports", () => {
    const text = `import a from "a";\nimport "b";\nimport type { C } from 'c';\nexport * from "./d.ts";\nawait import("e");\nrequire("f");`;
    expect(importsOf(text)).toEqual(["a", "b", "c", "./d.ts", "e", "f"]);
  });
});

describe("violations", () => {
  it("finds nothing in a tree that keeps the rules", () => {
    expect(
      found("packages/engine/src/session/onnx-session.ts", `import ort from "onnxruntime-node";`),
    ).toEqual([]);
    expect(found("apps/api/src/env.ts", "export const port = process.env.PORT;")).toEqual([]);
    expect(
      found(
        "apps/api/src/a.ts",
        `import { x } from "@recallscope/engine";\nimport { y } from "../src/b.ts";`,
      ),
    ).toEqual([]);
  });

  it("allows a library with one import site no second one, nor one in another part", () => {
    const second = {
      path: "packages/engine/src/planner/execute.ts",
      text: `import type { Tensor } from "onnxruntime-node";`,
    };
    expect(found("packages/engine/src/session/a.ts", `import "onnxruntime-node";`, second)).toHaveLength(1);
    expect(found("apps/web/src/a.ts", `import PgBoss from "pg-boss";`)).toHaveLength(1);
  });

  it("keeps the engine free of everything to its right and of the environment", () => {
    for (const name of ["@recallscope/api", "graphql", "@prisma/client", "node:http"]) {
      expect(found("packages/engine/src/a.ts", `import x from "${name}";`), name).toHaveLength(1);
    }
    expect(found("packages/engine/src/a.ts", `import x from "../../../apps/api/src/env.ts";`)).toHaveLength(
      1,
    );
    expect(found("packages/engine/src/a.ts", "const home = process.env.HOME;")).toHaveLength(1);
    expect(found("packages/engine/src/a.ts", "// process.env is the caller's business")).toEqual([]);
  });

  it("keeps the web on schema.graphql alone", () => {
    expect(found("apps/web/src/a.ts", `import type { RunReport } from "@recallscope/engine";`)).toHaveLength(
      1,
    );
  });

  it("keeps analyses apart from each other", () => {
    const folder = "packages/engine/src/analyses";
    const registry = {
      path: `${folder}/index.ts`,
      text: `import { a } from "./a.ts";\nimport { b } from "./b.ts";`,
    };
    const b = { path: `${folder}/b.ts`, text: "export const b = 1;" };
    expect(found(`${folder}/a.ts`, `import { b } from "./b.ts";`, registry, b)).toHaveLength(1);
    expect(found(`${folder}/a.ts`, `import { mean } from "../math/mean.ts";`, registry, b)).toEqual([]);
  });

  it("refuses files above 400 lines", () => {
    expect(found("apps/web/src/a.ts", "x;\n".repeat(401))).toHaveLength(1);
    expect(found("apps/web/src/a.ts", "x;\n".repeat(400))).toEqual([]);
  });
});
