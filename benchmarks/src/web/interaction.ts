import type { Page } from "playwright-core";

/** The input event from whose time stamp an interaction is measured. */
export type Input = "pointerover" | "pointerdown" | "keydown";

const LIMIT_MS = 60_000;

interface Measuring {
  measured?: Promise<number>;
}

/**
 * Milliseconds from an input event to the end of the frame that first shows what was asked for: event handling, loading of code and numbers,
 * rendering and painting.
 * @param input the first such event after the call begins the time
 * @param shows runs in the page, with `argument`, after every change of the document; true once the answer is there
 * @param act causes the event
 */
export async function interaction<Argument>(
  page: Page,
  input: Input,
  shows: (argument: Argument) => boolean,
  argument: Argument,
  act: () => Promise<unknown>,
): Promise<number> {
  await page.evaluate(`(${watch})(${JSON.stringify(input)}, ${shows}, ${JSON.stringify(argument)})`);
  await act();
  const measured = await page.evaluate(
    (limit) =>
      Promise.race([
        (window as Measuring).measured as Promise<number>,
        new Promise<null>((resolve) => setTimeout(() => resolve(null), limit)),
      ]),
    LIMIT_MS,
  );
  if (measured === null)
    throw new Error(
      `${page.url()}: nothing answered ${input} within ${LIMIT_MS / 1000} s: ${shows} of ${JSON.stringify(argument)}`,
    );
  return measured;
}

/** In the page, as text: functions cannot be handed over. */
function watch(type: Input, isShown: (argument: unknown) => boolean, argument: unknown): void {
  if (isShown(argument)) throw new Error(`nothing to wait for: ${isShown} of ${argument} holds already`);
  (window as Measuring).measured = new Promise((resolve) => {
    let start: number | null = null;
    document.addEventListener(
      type,
      ({ timeStamp }) => {
        start = timeStamp;
      },
      { capture: true, once: true },
    );
    const observer = new MutationObserver(() => {
      if (start === null || !isShown(argument)) return;
      observer.disconnect();
      const began = start;
      // The task after the frame's callbacks comes when the frame has been painted.
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.now() - began);
        port2.postMessage(null);
      });
    });
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  });
}

/** Times between frames, in milliseconds, while the wheel turns. */
export async function framesWhileScrolling(page: Page, turns: number, pixels: number): Promise<number[]> {
  const frames = page.evaluate(
    () =>
      new Promise<number[]>((resolve) => {
        const stamps: number[] = [];
        let last = performance.now();
        const next = (now: number) => {
          stamps.push(now);
          if (stamps.length > 1 && now - last > 300)
            resolve(stamps.slice(1).map((stamp, i) => stamp - stamps[i]!));
          else requestAnimationFrame(next);
        };
        document.addEventListener("scroll", () => (last = performance.now()), true);
        requestAnimationFrame(next);
      }),
  );
  for (let turn = 0; turn < turns; turn++) await page.mouse.wheel(0, pixels);
  return frames;
}
