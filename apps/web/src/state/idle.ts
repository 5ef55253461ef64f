/** After so many ms. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** When the browser has nothing else to do. */
export const idle = (): Promise<void> =>
  new Promise((resolve) => {
    // Safari has had it for a short time only.
    if ("requestIdleCallback" in window) window.requestIdleCallback(() => resolve());
    else setTimeout(resolve, 50);
  });

/** Whether the reader asked the browser to load only what is needed. */
export const savesData = (): boolean =>
  (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;
