"use client";
import { useEffect, useState } from "react";

/** Calls `tick` every so many milliseconds while the page is looked at. @returns the time of the last tick */
export function useClock(milliseconds: number, tick: () => void): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.hidden) return;
      setNow(Date.now());
      tick();
    }, milliseconds);
    return () => clearInterval(timer);
  }, [milliseconds, tick]);
  return now;
}
