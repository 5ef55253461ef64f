/**
 * `npm run screenshots`: docs/screenshots anew, each page in both themes, of a store with the first runs.
 * `-- WORD` takes those with the word in their names only; DASHBOARD_URL names a server that runs already.
 */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "playwright-core";
import sharp from "sharp";
import { ADDRESSES, addressIn } from "../test/support/addresses.ts";
import { findChromium, LAUNCH_ARGUMENTS } from "../test/support/chromium.ts";
import { finishedRuns } from "../test/support/finished-runs.ts";
import { loaded } from "../test/support/loaded.ts";
import { startServer } from "../test/support/server.ts";

const FOLDER = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../../docs/screenshots");
const wanted = process.argv[2] ?? "";
const VIEWPORT = { width: 1280, height: 900 };
/** Pages are flat: few colours, and no dithering between them, keep a picture small and sharp. */
const PALETTE = { palette: true, colours: 48, dither: 0, effort: 10, compressionLevel: 9 };

async function screenshots(url: string): Promise<void> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error("no Chromium found: install one or set CHROME_PATH");
  const runs = await finishedRuns(url);
  const browser = await chromium.launch({ executablePath, args: LAUNCH_ARGUMENTS });
  try {
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await browser.newContext({ viewport: VIEWPORT, colorScheme, reducedMotion: "reduce" });
      context.setDefaultTimeout(120_000);
      const page = await context.newPage();
      for (const address of Object.values(ADDRESSES).flat()) {
        if (!nameOf(address).includes(wanted)) continue;
        await page.goto(url + addressIn(runs, address));
        await loaded(page);
        await write(page, `${nameOf(address)}-${colorScheme}.png`);
      }
      await context.close();
    }
  } finally {
    await browser.close();
  }
}

async function write(page: Page, name: string): Promise<void> {
  await page.waitForLoadState("networkidle");
  await page.mouse.move(0, 0);
  const picture = await sharp(await page.screenshot())
    .png(PALETTE)
    .toBuffer();
  await writeFile(path.join(FOLDER, name), picture);
  process.stdout.write(`${name} ${Math.round(picture.length / 1000)} kB\n`);
}

/** `/runs/RUN?tab=heads` -> `runs-run-heads` */
const nameOf = (address: string): string =>
  address
    .toLowerCase()
    .replace(/[?&]\w+=/g, "-")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "") || "home";

await mkdir(FOLDER, { recursive: true });
const running = process.env.DASHBOARD_URL;
if (running) await screenshots(running.replace(/\/$/, ""));
else {
  const server = await startServer();
  try {
    await screenshots(server.url);
  } finally {
    await server.stop();
  }
}
