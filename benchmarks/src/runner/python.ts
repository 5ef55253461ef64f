import { spawn } from "node:child_process";
import { access } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const REQUIREMENTS = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  "../../peers/requirements.txt",
);
/** TransformerLens 4 removed HookedTransformer: the last version that has it lies beside the newest. */
const LAST_HOOKED = "transformer-lens==3.9.0";

/** A Python environment with the peers, made by `setUp`: `base` is a venv, `tl39` an overlay of site packages. */
export class PythonEnvironment {
  constructor(readonly folder: string) {}

  get executable(): string {
    return process.platform === "win32"
      ? path.join(this.folder, "base", "Scripts", "python.exe")
      : path.join(this.folder, "base", "bin", "python");
  }
  private get overlay(): string {
    return path.join(this.folder, "tl39");
  }

  /** Makes what is missing: a few minutes and 3 GB the first time. */
  async setUp(python: string, log: (line: string) => void): Promise<void> {
    const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    if (!(await exists(this.executable))) {
      log(`making a Python environment in ${this.folder}`);
      await run(python, ["-m", "venv", path.join(this.folder, "base")]);
    }
    const installed = await run(this.executable, [
      "-c",
      "import better_abc, threadpoolctl, transformer_lens, nnsight",
    ]).then(
      () => true,
      () => false,
    );
    if (!installed) {
      log("installing the peers (torch, transformers, TransformerLens, nnsight)");
      await run(this.executable, [...install, "-r", REQUIREMENTS]);
    }
    if (!(await exists(path.join(this.overlay, "transformer_lens")))) {
      log(`installing ${LAST_HOOKED} beside them`);
      await run(this.executable, [...install, "--no-deps", "--target", this.overlay, LAST_HOOKED]);
    }
  }

  /** Variables of a peer's process: as many threads as ours, no network, and nothing that makes a BLAS choose slow kernels. */
  variables(threads: number, hooked: boolean): NodeJS.ProcessEnv {
    const { OPENBLAS_CORETYPE: _kernel, OPENBLAS_L2_SIZE: _cache, PYTHONPATH: _path, ...env } = process.env;
    const count = String(threads);
    return {
      ...env,
      ...(hooked && { PYTHONPATH: this.overlay }),
      OMP_NUM_THREADS: count,
      MKL_NUM_THREADS: count,
      OPENBLAS_NUM_THREADS: count,
      HF_HUB_OFFLINE: "1",
      TRANSFORMERS_OFFLINE: "1",
      TOKENIZERS_PARALLELISM: "false",
      CUDA_VISIBLE_DEVICES: "",
      PYTHONDONTWRITEBYTECODE: "1",
      PYTHONUNBUFFERED: "1",
    };
  }
}

function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (data) => (output += data));
    child.stderr.on("data", (data) => (output += data));
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`${command} ${args.join(" ")} failed:\n${output.slice(-3000)}`)),
    );
  });
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
