"use client";
import { type RefCallback, useCallback, useRef, useState } from "react";

/** Width of an element in CSS pixels, followed as it changes and as another element takes its place; null before the first layout. */
export function useWidth<T extends Element>(): [RefCallback<T>, number | null] {
  const [width, setWidth] = useState<number | null>(null);
  const last = useRef<T>(null);
  const follow = useCallback((element: T) => {
    // One that is back, as in a tab opened again, is left to the observer: asking it would have the page laid out before its time.
    if (last.current !== element) setWidth(element.getBoundingClientRect().width);
    last.current = element;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [follow as RefCallback<T>, width];
}
