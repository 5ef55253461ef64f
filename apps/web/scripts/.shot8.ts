import { chromium } from "playwright-core";
import { findChromium, LAUNCH_ARGUMENTS } from "/work/wt/web8/apps/web/test/support/chromium.ts";
const [,, path, out, scheme="light", sel] = process.argv;
const browser = await chromium.launch({ executablePath: findChromium() ?? "", args: LAUNCH_ARGUMENTS });
const page = await (await browser.newContext({ viewport: {width:1280,height:900}, colorScheme: scheme as any, reducedMotion:"reduce" })).newPage();
page.on("console", m => m.type()==="error" && console.log(m.text()));
await page.goto("http://127.0.0.1:4110"+path);
await page.waitForLoadState("networkidle");
if (sel) { const l = page.locator(sel).first(); await l.waitFor(); await l.scrollIntoViewIfNeeded(); await page.waitForTimeout(800); await l.screenshot({path: out}); }
else await page.screenshot({path: out});
await browser.close();
