import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

// SwiftShader has no float16. Lavapipe, of Debian's mesa-vulkan-drivers, has: products in float16 are tested on it.

const FOLDER = fileURLToPath(
  new URL("../../../../../node_modules/.cache/recallscope/lavapipe", import.meta.url),
);
const SOURCE = fileURLToPath(new URL("./lavapipe.c", import.meta.url));

/** The description of the driver that Vulkan's loader takes from `VK_ICD_FILENAMES`. */
export const LAVAPIPE_DRIVER = path.join(FOLDER, "lavapipe.json");

const LIBRARY = /libvulkan_lvp\.so .*=> (.+)$/m;

const libraries = (): string =>
  execFileSync("ldconfig", ["-p"], {
    encoding: "utf8",
    env: { ...process.env, PATH: `${process.env.PATH}:/sbin:/usr/sbin` },
  });

/** Why float16 cannot be tested on this machine; null where it can. */
export function whyNoLavapipe(): string | null {
  if (`${process.platform}-${process.arch}` !== "linux-x64") return "Lavapipe is tested on Linux, x64";
  const known = libraries();
  if (!known.includes("libvulkan.so.1")) return "libvulkan1 is not installed";
  if (!LIBRARY.test(known)) return "mesa-vulkan-drivers is not installed";
  return spawnSync("cc", ["--version"]).status === 0 ? null : "there is no C compiler";
}

/** Compiles the driver; vitest calls it before the tests of float16. */
export default function setup(): void {
  const problem = whyNoLavapipe();
  if (problem !== null) {
    if (process.env.CI) throw new Error(`tests of float16: ${problem}`);
    return;
  }
  mkdirSync(FOLDER, { recursive: true });
  const [library, own] = ["lavapipe.so", `lavapipe.${process.pid}.so`].map((name) => path.join(FOLDER, name));
  const lavapipe = LIBRARY.exec(libraries())![1]!;
  execFileSync("cc", [
    "-O1",
    "-Wall",
    "-Werror",
    "-shared",
    "-fPIC",
    `-DLAVAPIPE="${lavapipe}"`,
    SOURCE,
    "-o",
    own!,
    "-ldl",
  ]);
  // Complete or not there, whoever else compiles it at the same time.
  renameSync(own!, library!);
  const description = {
    file_format_version: "1.0.0",
    ICD: { library_path: library, api_version: "1.3.0" },
  };
  writeFileSync(LAVAPIPE_DRIVER, JSON.stringify(description));
}
