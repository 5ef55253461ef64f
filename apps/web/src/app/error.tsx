"use client";
import { Button } from "@/ui/button.tsx";
import { EmptyState } from "@/ui/states.tsx";

export default function PageError({ error, reset }: { error: Error; reset: () => void }) {
  return (
    <EmptyState title="This page failed to draw" action={<Button onClick={reset}>Try again</Button>}>
      {error.message}
    </EmptyState>
  );
}
