import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Page } from "playwright-core";

const WEB = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/**
 * Draws the gallery on an empty page.
 * @returns drawings by name, the second of a figure with a 2 behind it, as markup with one element a line and rounded coordinates
 */
export async function drawGallery(page: Page): Promise<Record<string, string>> {
  await page.setContent("<!doctype html><title>gallery</title>");
  await page.addScriptTag({ content: await bundle() });
  await page.waitForFunction(() => {
    const figures = [...document.querySelectorAll("main > div")];
    return (
      figures.length > 0 &&
      figures.every((figure) => figure.querySelector("svg:is([role=img], [role=grid]) *")) &&
      !document.querySelector("[aria-busy=true]")
    );
  });
  const drawings = await page.evaluate(() =>
    [...document.querySelectorAll("main > div")].flatMap((figure) =>
      [...figure.querySelectorAll("svg:is([role=img], [role=grid])")].map((drawing, at) => [
        at === 0 ? figure.id : `${figure.id}-${at + 1}`,
        drawing.outerHTML,
      ]),
    ),
  );
  return Object.fromEntries(drawings.map(([name, markup]) => [name, stable(markup ?? "")]));
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(WEB, "test/charts/gallery.tsx")],
    bundle: true,
    write: false,
    format: "iife",
    jsx: "automatic",
    alias: { "@": path.join(WEB, "src") },
    define: { "process.env": '{"NODE_ENV":"production"}' },
    logLevel: "error",
  });
  return outputFiles[0]!.text;
}

/** Coordinates to a tenth of a pixel, generated names by their order, one element a line: what a reader of a diff needs. */
function stable(markup: string): string {
  const names = new Map<string, string>();
  const nameOf = (name: string) => {
    if (!names.has(name)) names.set(name, `id-${names.size}`);
    return names.get(name)!;
  };
  return `${markup
    .replace(/<style>[\s\S]*?<\/style>/g, "")
    .replace(/\bid="([^"]+)"/g, (_, name) => `id="${nameOf(name)}"`)
    .replace(/url\((?:&quot;)?#([^)&"]+)(?:&quot;)?\)/g, (_, name) => `url(#${nameOf(name)})`)
    .replace(/\bplot-[0-9a-f]{6}\b/g, "plot")
    .replace(/-?\d+\.\d{2,}/g, (number) => String(Math.round(Number(number) * 10) / 10))
    .replace(/></g, ">\n<")}\n`;
}
