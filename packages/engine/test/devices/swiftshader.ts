import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";

// SwiftShader computes Vulkan on the processor, so that WebGPU is tested without a GPU. It comes with the npm package of a Chromium.

const require = createRequire(import.meta.url);
const FOLDER = fileURLToPath(
  new URL("../../../../node_modules/.cache/recallscope/swiftshader", import.meta.url),
);

/** The description of the driver that Vulkan's loader takes from `VK_ICD_FILENAMES`. */
export const SWIFTSHADER_DRIVER = path.join(FOLDER, "vk_swiftshader_icd.json");

/** Why WebGPU cannot be tested on this machine; null where it can. */
export function whyNoSwiftShader(): string | null {
  if (`${process.platform}-${process.arch}` !== "linux-x64") return "SwiftShader is tested on Linux, x64";
  // The loader is the system's.
  const libraries = execFileSync("ldconfig", ["-p"], {
    encoding: "utf8",
    env: { ...process.env, PATH: `${process.env.PATH}:/sbin:/usr/sbin` },
  });
  return libraries.includes("libvulkan.so.1") ? null : "libvulkan1 is not installed";
}

/** Unpacks the driver, once; vitest calls it before the tests of devices. */
export default function setup(): void {
  const problem = whyNoSwiftShader();
  if (problem !== null) {
    if (process.env.CI) throw new Error(`tests of devices: ${problem}`);
    return;
  }
  if (existsSync(SWIFTSHADER_DRIVER)) return;
  const packed = path.join(path.dirname(require.resolve("@sparticuz/chromium")), "../bin/swiftshader.tar.br");
  // Complete or not there, whoever else unpacks it at the same time.
  const own = `${FOLDER}.${process.pid}`;
  mkdirSync(own, { recursive: true });
  execFileSync("tar", ["-x", "-C", own], { input: brotliDecompressSync(readFileSync(packed)) });
  rmSync(FOLDER, { recursive: true, force: true });
  renameSync(own, FOLDER);
}
