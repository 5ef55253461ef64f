import { rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { plantAnswers } from "./plant-answers.ts";
import { LARGE_SHAPES, type LargeShapeName } from "./shapes.ts";
import { largeSettings, largeTask, MODELS } from "./task.ts";
import { writeLargeModel } from "./write-model.ts";

// A process of its own: what it took to make the model is no part of what a run takes.

const [name, folder, threads] = process.argv.slice(2) as [LargeShapeName, string, string];
const shape = LARGE_SHAPES[name];
const partial = `${folder}.part`;
await rm(partial, { recursive: true, force: true });
await writeLargeModel(partial, shape, path.join(MODELS, `recall-${shape.family}`));
const task = await largeTask(partial, shape.positions);
await plantAnswers(partial, task, largeSettings([]), Number(threads));
await writeFile(path.join(partial, "task.json"), `${JSON.stringify(task, null, 2)}\n`);
await rename(partial, folder);
