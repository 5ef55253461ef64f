import type { Instruments } from "../analyses/instruments.ts";
import { EngineError } from "../errors.ts";
import { callSeconds } from "../planner/calibration.ts";
import type { SelfCheck } from "../results/receipt.ts";
import { DEFAULT_PRECISION, type Device, type DeviceChoice, type Precision } from "../session/device.ts";
import { missingForDevice } from "../session/missing-for-device.ts";
import { openInstruments } from "../session/model-instruments.ts";
import type { ModelSession } from "../session/model-session.ts";
import { probeDevice } from "../session/probe-device.ts";
import { deviceTrial, type Trial, trialError } from "./device-trial.ts";
import { selfCheck, selfCheckLimit } from "./self-check.ts";

/** Devices that `auto` tries. */
const TRIED: readonly Device[] = ["cuda", "webgpu", "dml", "coreml"];

export interface OpenedSession {
  session: ModelSession;
  instruments: Instruments;
  check: SelfCheck;
}

export interface DeviceOptions {
  /** What the user calls the model. */
  name: string;
  /** What its products are computed in on a device; what is expected of them, the CPU computes in float32. */
  precision?: Precision;
  /** Is told what is being done, before it takes its time. */
  onStep?: (message: string) => void;
  /** Why a device cannot be used at all; null where it can. */
  problemOf?: (device: Device, precision: Precision) => Promise<string | null>;
  /** How long a device takes for a full call. */
  secondsOf?: (session: ModelSession) => Promise<number>;
}

/** Missing files first, then whether it computes at all. */
const problemHere = async (device: Device, precision: Precision): Promise<string | null> =>
  missingForDevice(device) ?? (await probeDevice(device, precision));

const CPU_HAS_NO_HALF =
  "onnxruntime has no products in float16 for it, and would compute them in float32; a GPU may have them, such as --device webgpu";

/** @throws EngineError DEVICE_UNUSABLE where a device that was named cannot be used at all, whatever the model */
export async function checkDevice(
  choice: DeviceChoice,
  precision: Precision = DEFAULT_PRECISION,
  problemOf = problemHere,
): Promise<void> {
  if (choice === "cpu" && precision === "F16") throw unusable(choice, CPU_HAS_NO_HALF, precision);
  if (choice === "cpu" || choice === "auto") return;
  const problem = await problemOf(choice, precision);
  if (problem !== null) throw unusable(choice, problem, precision);
}

/** Whether products in float16 can be had: on the device that is named, with `auto` on any that is here. */
export async function hasFloat16(choice: DeviceChoice, problemOf = problemHere): Promise<boolean> {
  if (choice === "cpu") return false;
  for (const device of choice === "auto" ? TRIED : [choice])
    if ((await problemOf(device, "F16")) === null) return true;
  return false;
}

/**
 * Opens a model on the device that was asked for, which `checkDevice` did not refuse. One that is not the CPU must give what the CPU gives on a small trial, forward and back; `auto` takes the fastest
 * that does. Nothing else is taken in the place of a device that was named.
 * @param open opens the model's session on a device, in the precision of the options where that is not the CPU
 * @throws EngineError DEVICE_UNUSABLE naming the reason and the way out, SELF_CHECK_FAILED where the model is not computed right on the CPU either
 */
export async function openOnDevice(
  open: (device: Device) => ModelSession,
  choice: DeviceChoice,
  options: DeviceOptions,
): Promise<OpenedSession> {
  const { name } = options;
  if (choice === "cpu") return openChecked(open, choice, name);
  const opening: Opening = {
    open,
    name,
    precision: options.precision ?? DEFAULT_PRECISION,
    onStep: options.onStep ?? (() => {}),
    problemOf: options.problemOf ?? problemHere,
    secondsOf: options.secondsOf ?? callSeconds,
  };
  if (choice === "auto") return fastest(opening);
  const [expected] = await onCpu(opening, async () => null);
  const tried = await agreeing(opening, choice, expected);
  if ("problem" in tried) throw unusable(choice, tried.problem, opening.precision);
  return tried;
}

type Opening = Required<DeviceOptions> & { open: (device: Device) => ModelSession };

/** What the CPU gives; it is closed again, so that its weights do not stand beside the device's. */
async function onCpu<T>(
  { open, name, onStep }: Opening,
  measure: (session: ModelSession) => Promise<T>,
): Promise<[Trial, T]> {
  onStep(`Compute a trial of ${name} on the CPU`);
  const { session, instruments } = await openChecked(open, "cpu", name);
  try {
    return [await deviceTrial(session, instruments), await measure(session)];
  } finally {
    await session.close();
  }
}

/** Opens a device that gives what is expected, or says why it does not. */
async function agreeing(
  { open, name, precision, onStep }: Opening,
  device: Device,
  expected: Trial,
): Promise<OpenedSession | { problem: string }> {
  onStep(`Compare ${device} with the CPU`);
  let session: ModelSession | undefined;
  try {
    const opened = await openChecked(open, device, name);
    session = opened.session;
    const trial = await deviceTrial(session, opened.instruments);
    const { error, at, allowed } = trialError(trial, expected, precision);
    if (error < allowed) return { ...opened, check: { ...opened.check, deviceError: error } };
    await session.close();
    return {
      problem: `it computes ${name} otherwise than the CPU: ${at} is off by ${error.toExponential(1)} of its largest value (below ${allowed} is allowed)`,
    };
  } catch (error) {
    await session?.close();
    if (error instanceof EngineError && error.code === "OUT_OF_MEMORY") throw error;
    return { problem: `a trial failed: ${error instanceof Error ? error.message : String(error)}` };
  }
}

async function fastest(opening: Opening): Promise<OpenedSession> {
  const { open, name, precision, onStep, problemOf, secondsOf } = opening;
  const notes: string[] = [];
  const because = (reason: string) => [`auto: ${reason}`, ...notes].join("; ");
  const usable: Device[] = [];
  for (const device of TRIED) {
    const problem = await problemOf(device, precision);
    if (problem === null) usable.push(device);
    else notes.push(`${device} left out: ${problem}`);
  }
  // The CPU has no float16: what cannot be had is refused.
  if (usable.length === 0 && precision === "F16")
    throw unusable("auto", ["no device computes products in float16 here", ...notes].join("; "), precision);
  if (usable.length === 0) {
    const opened = await openChecked(open, "cpu", name);
    return withReason(opened, because("cpu, as no other device can be used"));
  }
  const [expected, cpuSeconds] = await onCpu(opening, secondsOf);
  let best: { device: Device; seconds: number } | null =
    precision === "F16" ? null : { device: "cpu", seconds: cpuSeconds };
  for (const device of usable) {
    const seconds = await timed(opening, device, expected);
    if (typeof seconds === "string") {
      notes.push(`${device} left out: ${seconds}`);
      continue;
    }
    const [factor, word] =
      seconds < cpuSeconds ? [cpuSeconds / seconds, "fast"] : [seconds / cpuSeconds, "slow"];
    notes.push(`${device} is ${Number(factor.toPrecision(2))} times as ${word} as the CPU`);
    if (best === null || seconds < best.seconds) best = { device, seconds };
  }
  if (best === null)
    throw unusable("auto", ["no device agrees with the CPU in float16", ...notes].join("; "), precision);
  const { device } = best;
  onStep(`Open ${name} on ${device}`);
  const opened =
    device === "cpu" ? await openChecked(open, "cpu", name) : await agreeing(opening, device, expected);
  if ("problem" in opened) throw unusable(device, opened.problem, precision);
  return withReason(opened, because(`${device}, the fastest of those that agree with the CPU`));
}

/** Seconds of a full call on a device that agrees; or why it is left out. */
async function timed(opening: Opening, device: Device, expected: Trial): Promise<number | string> {
  try {
    const tried = await agreeing(opening, device, expected);
    if ("problem" in tried) return tried.problem;
    return await opening.secondsOf(tried.session).finally(() => tried.session.close());
  } catch (error) {
    if (error instanceof EngineError) return error.message;
    throw error;
  }
}

const withReason = ({ check, ...opened }: OpenedSession, deviceReason: string): OpenedSession => ({
  ...opened,
  check: { ...check, deviceReason },
});

async function openChecked(
  open: (device: Device) => ModelSession,
  device: Device,
  name: string,
): Promise<OpenedSession> {
  const session = open(device);
  try {
    const instruments = await openInstruments(session);
    const check = await selfCheck(session, instruments);
    if (check.passed) return { session, instruments, check };
    const errors = IDENTITIES.map(([identity, words]) => {
      const limit = selfCheckLimit(identity, session.precision);
      return `${words} ${check[identity].toExponential(1)} (below ${limit.toExponential(0)} is allowed)`;
    });
    throw new EngineError(
      "SELF_CHECK_FAILED",
      `self-check of ${name}: ${errors.join(", ")}: this model is not computed right`,
    );
  } catch (error) {
    await session.close();
    throw error;
  }
}

const IDENTITIES = [
  ["residualSum", "residual sum"],
  ["headSum", "head sum"],
  ["patternValue", "pattern x value"],
  ["lensLogits", "lens = logits"],
] as const;

const unusable = (device: DeviceChoice, problem: string, precision: Precision) =>
  new EngineError("DEVICE_UNUSABLE", `device ${device}: ${problem} (${WAYS_OUT[precision]})`);

const WAYS_OUT: Record<Precision, string> = {
  F32: "--device cpu computes everywhere, and --device auto takes what can be used; a server or worker: RECALLSCOPE_DEVICE",
  F16: "--precision f32 is computed on every device",
};
