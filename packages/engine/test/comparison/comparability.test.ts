import { describe, expect, it } from "vitest";
import {
  axisOf,
  COMPARISON_AXES,
  type Comparable,
  differencesOf,
} from "../../src/comparison/comparability.ts";
import { buildModelM, runSynthetic } from "../synthetic/model-m-folder.ts";

const run = await runSynthetic(await buildModelM({ facts: 8, frames: 2 }));

function other(change: (copy: Comparable) => void): Comparable {
  const { receipt, task, prediction, argumentPassing } = run;
  const copy: Comparable = structuredClone({ receipt, task, prediction, argumentPassing });
  change(copy);
  return copy;
}
const names = (changed: Comparable, axis: (typeof COMPARISON_AXES)[number]) =>
  differencesOf([run, changed], axis).map(({ name, prevents }) => [name, prevents]);

it.each(COMPARISON_AXES)("a run does not differ from itself, along %s", (axis) => {
  expect(differencesOf([run, run, run], axis)).toEqual([]);
});

describe("names what differs besides the axis", () => {
  const shots = other(({ receipt }) => {
    receipt.settings.shots = 3;
    receipt.settings.leadIns = 7;
  });
  it("and not what lies along it", () => {
    expect(names(shots, "SHOTS")).toEqual([["lead-ins", false]]);
    expect(names(shots, "SETTINGS")).toEqual([["shots", false]]);
    expect(differencesOf([run, shots], "SHOTS")[0]!.values).toEqual([
      String(run.receipt.settings.leadIns),
      "7",
    ]);
  });

  it("takes two names of the same weights for one model", () => {
    const renamed = other(({ receipt }) => {
      receipt.model.name = "another/name";
    });
    expect(names(renamed, "SHOTS")).toEqual([]);
  });

  it("counts the facts that all know", () => {
    const fewer = other(({ task }) => {
      task.facts[0]!.known = false;
    });
    const [known] = differencesOf([run, fewer], "MODEL");
    expect(known).toMatchObject({ name: "known facts", values: ["8", "7"], prevents: false });
    expect(known!.why).toContain("7 are common to all");
  });
});

describe("says what prevents a comparison", () => {
  const NONE = "0".repeat(64);
  it.each([
    ["semantics version", "ENGINE", { receipt: { semanticsVersion: 0 } }],
    ["patching metric", "SETTINGS", { argumentPassing: { position: "all" } }],
    ["attribution metric", "SETTINGS", { prediction: { directLogitAttribution: { metric: "x" } } }],
    ["task", "SHOTS", { receipt: { taskId: "another" } }],
    ["task version", "MODEL", { receipt: { taskHash: NONE } }],
  ] as const)("%s, along %s", (name, axis, changes) => {
    const changed = other((copy) => {
      for (const [part, fields] of Object.entries(changes)) Object.assign(copy[part as "receipt"], fields);
    });
    expect(names(changed, axis)).toEqual([[name, true]]);
  });

  it("the same weights with another tokenizer", () => {
    const changed = other(({ receipt }) => {
      receipt.model.tokenizerHash = NONE;
    });
    expect(names(changed, "SHOTS")).toEqual([["tokenizer", true]]);
  });

  it("weights that changed behind one name, unless models are what is compared", () => {
    const retrained = other(({ receipt }) => {
      receipt.model.weightHash = "0".repeat(64);
    });
    expect(names(retrained, "SHOTS")).toEqual([
      ["model", false],
      ["weights", true],
    ]);
    expect(names(retrained, "MODEL")).toEqual([]);
  });

  it("another task, unless tasks are what is compared", () => {
    const task = other(({ receipt }) => {
      receipt.taskId = "another";
      receipt.taskHash = "0".repeat(64);
    });
    expect(names(task, "TASK")).toEqual([]);
    expect(names(task, "MODEL")).toEqual([["task", true]]);
  });
});

describe("finds what runs differ in", () => {
  const changedTask = other(({ receipt }) => {
    receipt.taskHash = "0".repeat(64);
    receipt.model.weightHash = "0".repeat(64);
    receipt.model.name = "another";
  });
  const changedModel = other(({ receipt }) => {
    receipt.model.weightHash = "0".repeat(64);
    receipt.settings.shots = 5;
  });
  it.each([
    ["TASK", changedTask],
    ["MODEL", changedModel],
    ["SHOTS", other(({ receipt }) => Object.assign(receipt.settings, { shots: 5, seed: 9 }))],
    ["SETTINGS", other(({ receipt }) => Object.assign(receipt.settings, { seed: 9 }))],
    ["ENGINE", other(({ receipt }) => Object.assign(receipt, { engineVersion: "0.0.0" }))],
    ["ENGINE", run],
  ] as const)("%s", (axis, changed) => {
    expect(axisOf([run, run, changed])).toBe(axis);
    expect(differencesOf([run, changed], axis).filter(({ prevents }) => prevents)).toEqual([]);
  });
});
