import { useEffect, useRef, useState } from "react";

/** How long a slider rests before the address follows it: browsers refuse addresses that change too often. */
const REST_MS = 250;

/**
 * A value of the address that is changed many times in a row, as by a slider: at once here, and in the address when it rests. Back and
 * links change it, too. @param text the address's @param write puts it there
 */
export function useAhead(text: string, write: (text: string) => void): [string, (text: string) => void] {
  const [held, setHeld] = useState(text);
  const known = useRef(text);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (text === known.current) return;
    known.current = text;
    clearTimeout(timer.current);
    setHeld(text);
  }, [text]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const change = (next: string) => {
    setHeld(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      known.current = next;
      write(next);
    }, REST_MS);
  };
  return [held, change];
}
