"use client";
import { type ReactNode, useCallback, useState } from "react";
import { flushSync } from "react-dom";

/** How far from what is in sight something is drawn ahead, in heights of the window. */
const AHEAD = 0.25;

/** Draws what is inside when it comes near what is in sight, or when the page is printed, and keeps it: maps have thousands of cells. */
export function NearSight({ height, children }: { height: number; children: ReactNode }) {
  const [near, setNear] = useState(false);
  const follow = useCallback((element: HTMLDivElement) => {
    const { top, bottom } = element.getBoundingClientRect();
    const ahead = window.innerHeight * AHEAD;
    // Asked at once, so that what is in sight is there in the first frame.
    if (top < window.innerHeight + ahead && bottom > -ahead) setNear(true);
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && setNear(true), {
      rootMargin: `${AHEAD * 100}% 0%`,
    });
    observer.observe(element);
    const onPrint = () => flushSync(() => setNear(true));
    window.addEventListener("beforeprint", onPrint);
    return () => {
      observer.disconnect();
      window.removeEventListener("beforeprint", onPrint);
    };
  }, []);
  return near ? children : <div ref={follow} style={{ height }} className="w-full" />;
}
