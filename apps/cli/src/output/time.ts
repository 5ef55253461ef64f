/** A time to the minute, UTC; `never` where there is none. */
export const minute = (time: Date | string | null): string =>
  time === null ? "never" : new Date(time).toISOString().slice(0, 16).replace("T", " ");
