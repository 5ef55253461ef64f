"use client";
import { type RefCallback, useCallback, useState } from "react";

/** Width of an element in CSS pixels, followed as it changes and as another element takes its place; null before the first layout. */
export function useWidth<T extends Element>(): [RefCallback<T>, number | null] {
  const [width, setWidth] = useState<number | null>(null);
  const follow = useCallback((element: T) => {
    setWidth(element.getBoundingClientRect().width);
    const observer = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [follow as RefCallback<T>, width];
}
