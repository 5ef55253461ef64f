"use client";
import { type ReactNode, startTransition, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";

/** How far from what is in sight something is drawn ahead, in heights of the window. */
const AHEAD = 0.25;

/**
 * Draws what is inside when it comes near what is in sight, or when the page is printed: maps have thousands of cells. It stays until
 * the tab around it is hidden, and then only where it was in sight: whatever is there would be styled anew when the tab comes back.
 */
export function NearSight({ height, children }: { height: number; children: ReactNode }) {
  const [near, setNear] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = frame.current!;
    const { top, bottom } = element.getBoundingClientRect();
    // Asked at once, so that what is in sight is there in the first frame; the others come when it is painted.
    let inSight = top < window.innerHeight && bottom > 0;
    if (inSight) setNear(true);
    const observers = [
      new IntersectionObserver(([entry]) => {
        inSight = entry?.isIntersecting ?? inSight;
      }),
      new IntersectionObserver(([entry]) => entry?.isIntersecting && startTransition(() => setNear(true)), {
        rootMargin: `${AHEAD * 100}% 0%`,
      }),
    ];
    for (const observer of observers) observer.observe(element);
    const onPrint = () => flushSync(() => setNear(true));
    window.addEventListener("beforeprint", onPrint);
    return () => {
      for (const observer of observers) observer.disconnect();
      window.removeEventListener("beforeprint", onPrint);
      if (!inSight) setNear(false);
    };
  }, []);
  return (
    <div ref={frame} style={{ minHeight: height }} className="flex w-full justify-center">
      {near && children}
    </div>
  );
}
