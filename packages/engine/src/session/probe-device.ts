import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { DEFAULT_PRECISION, type Device, type Precision } from "./device.ts";

/** A driver may compile for a while when it is first asked; one that takes longer hangs. */
const PATIENCE_MS = 120_000;

const PROBE = fileURLToPath(new URL("./start-probe.mjs", import.meta.url));

/**
 * Has a device multiply two small matrices in a precision, in a process of its own: some drivers end the process that asks them, instead of saying no.
 * @returns why it cannot; null where it can
 */
export function probeDevice(
  device: Device,
  precision: Precision = DEFAULT_PRECISION,
): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [PROBE, device, precision],
      { timeout: PATIENCE_MS, killSignal: "SIGKILL" },
      (error, stdout, stderr) => resolve(error ? reasonOf(error, stdout, stderr) : null),
    );
  });
}

/** How onnxruntime ends its complaint where WebGPU has nothing to compute on. */
const NO_ADAPTER = "No supported adapters";
/** How it refuses a program in half precision. */
const NO_HALF = "requires f16 but the device does not support it";

function reasonOf(
  error: { killed?: boolean; signal?: string | null },
  stdout: string,
  stderr: string,
): string {
  const reason = inOneLine(stdout);
  if (reason.endsWith(NO_ADAPTER)) return `${reason} (it found no GPU with a driver: docs/devices.md)`;
  if (reason.includes(NO_HALF)) return "its adapter has no shader-f16, which products in float16 need";
  if (reason) return reason;
  if (error.killed) return `no answer within ${PATIENCE_MS / 1000} seconds`;
  const last = inOneLine(stderr.trim().split("\n").at(-1) ?? "");
  return `its driver ended the process that tried it${error.signal ? ` (${error.signal})` : ""}${last ? `: ${last}` : ""}`;
}

const inOneLine = (text: string): string => text.trim().replace(/\s+/g, " ");
