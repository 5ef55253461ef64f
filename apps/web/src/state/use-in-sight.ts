"use client";
import { type RefCallback, useCallback, useState } from "react";

/** Whether an element is in sight, followed as the page scrolls; true until that is known. */
export function useInSight<T extends Element>(): [RefCallback<T>, boolean] {
  const [inSight, setInSight] = useState(true);
  const follow = useCallback((element: T) => {
    const observer = new IntersectionObserver(([entry]) => entry && setInSight(entry.isIntersecting));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [follow as RefCallback<T>, inSight];
}
