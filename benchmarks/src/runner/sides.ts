import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Device } from "../../../packages/engine/src/session/device.ts";
import { SideProcess } from "./process.ts";
import type { PythonEnvironment } from "./python.ts";

/**
 * What a side stands for in a comparison: us; a library used as its documentation shows; a loop written by hand with such a library; a loop
 * written by hand over bare torch modules; our own algorithm written again in torch, to tell the algorithm from the runtime.
 */
export type SideKind = "ours" | "library" | "hand-written" | "floor" | "same-algorithm";

export interface SideInfo {
  label: string;
  kind: SideKind;
  /** Python file of a peer, and how it is to go about the job. */
  script?: string;
  variant?: string;
  /** Site packages that go before those of the environment. */
  overlay?: "transformer-lens-3";
}

export const SIDES = {
  ours: { label: "Recallscope", kind: "ours" },
  tl3: {
    label: "TransformerLens 3.9",
    kind: "library",
    script: "transformer_lens_peer.py",
    variant: "plain",
    overlay: "transformer-lens-3",
  },
  tl4: {
    label: "TransformerLens 4.3",
    kind: "library",
    script: "transformer_lens_peer.py",
    variant: "plain",
  },
  nnsight: { label: "nnsight 0.8.1", kind: "library", script: "nnsight_peer.py", variant: "plain" },
  "tl3-resume": {
    label: "by hand with TransformerLens 3.9",
    kind: "hand-written",
    script: "transformer_lens_peer.py",
    variant: "resume",
    overlay: "transformer-lens-3",
  },
  transformers: {
    label: "transformers with hooks",
    kind: "floor",
    script: "transformers_peer.py",
    variant: "plain",
  },
  "torch-resume": {
    label: "by hand over bare modules",
    kind: "floor",
    script: "transformers_peer.py",
    variant: "resume",
  },
  "torch-rows": {
    label: "our algorithm in torch",
    kind: "same-algorithm",
    script: "transformers_peer.py",
    variant: "rows",
  },
  numpy: { label: "numpy, float32", kind: "library", script: "numpy_peer.py", variant: "plain" },
} as const satisfies Record<string, SideInfo>;

export type SideName = keyof typeof SIDES;
export const sideInfo = (name: SideName): SideInfo => SIDES[name];

const HERE = path.dirname(fileURLToPath(import.meta.url));
const PEERS = path.resolve(HERE, "../../peers");

export function startOurs(device: Device): SideProcess {
  const loader = import.meta.resolve("tsx");
  return SideProcess.start(
    "Recallscope",
    process.execPath,
    ["--import", loader, path.join(HERE, "serve.ts"), device],
    process.env,
  );
}

/** A peer's process: one for all its variants and jobs, as starting one takes seconds. */
export function startPeer(name: SideName, python: PythonEnvironment, threads: number): SideProcess {
  const { label, script, overlay } = sideInfo(name);
  if (!script) throw new Error(`${name} is no peer`);
  return SideProcess.start(
    label,
    python.executable,
    [path.join(PEERS, script)],
    python.variables(threads, overlay === "transformer-lens-3"),
  );
}

/** Sides with the same key share a process. */
export const processKey = (name: SideName): string => {
  const { script, overlay } = sideInfo(name);
  return `${script ?? name} ${overlay ?? ""}`;
};
