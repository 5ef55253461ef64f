import { readFile, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { Device } from "../../../packages/engine/src/session/device.ts";
import type { ModelSession } from "../../../packages/engine/src/session/model-session.ts";
import { onnxruntimeVersion } from "../../../packages/engine/src/session/onnx-session.ts";
import type { Job, Numbers } from "../job.ts";
import { prepare } from "../workloads/index.ts";
import { openSession, type Prepared } from "../workloads/workload.ts";
import { peakMemory, resetPeak } from "./memory.ts";
import type { Answer, Request } from "./protocol.ts";

/** Our side: a process that does one job as often as it is told to, on the device of its first argument. */
const device = process.argv[2] as Device;
let session: ModelSession | undefined;
let prepared: Prepared | undefined;
let numbers: Numbers = {};
let peakBefore = 0;

async function answer(request: Request): Promise<Answer> {
  switch (request.command) {
    case "prepare": {
      const job = JSON.parse(await readFile(request.job, "utf8")) as Job;
      await session?.close();
      session = await openSession(job, device);
      prepared = await prepare(job, session);
      peakBefore = Math.max(peakBefore, (await peakMemory()) ?? 0);
      await resetPeak();
      return {
        ok: true,
        versions: {
          node: process.versions.node,
          "onnxruntime-node": `${onnxruntimeVersion()}${device === "cpu" ? "" : ` on ${device}`}`,
        },
      };
    }
    case "warm-up":
      await prepared!.warmUp();
      return { ok: true };
    case "run": {
      numbers = {};
      const start = performance.now();
      numbers = await prepared!.run();
      const loopMs = performance.now() - start;
      const peakMb = await peakMemory();
      return { ok: true, fixedMs: 0, loopMs, peakMb, peakProcessMb: peakMb && Math.max(peakBefore, peakMb) };
    }
    case "write":
      for (const [name, values] of Object.entries(numbers))
        await writeFile(
          `${request.prefix}.${name}.f32`,
          new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
        );
      return { ok: true, names: Object.keys(numbers) };
    case "close":
      await session?.close();
      return { ok: true };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request;
  const reply = await answer(request).catch(
    (error: Error): Answer => ({ ok: false, error: error.stack ?? String(error) }),
  );
  process.stdout.write(`${JSON.stringify(reply)}\n`);
  if (request.command === "close") break;
}
