"use client";
import NextLink from "next/link";
import { type ComponentProps, useState } from "react";

/**
 * A link within the dashboard. Its page is loaded ahead when somebody reaches for it; Next would do so as soon as it is in sight, for all fifty
 * of a list.
 */
export function Link({ onPointerEnter, onFocus, ...props }: ComponentProps<typeof NextLink>) {
  const [near, setNear] = useState(false);
  return (
    <NextLink
      {...props}
      prefetch={near ? null : false}
      onPointerEnter={(event) => {
        setNear(true);
        onPointerEnter?.(event);
      }}
      onFocus={(event) => {
        setNear(true);
        onFocus?.(event);
      }}
    />
  );
}
