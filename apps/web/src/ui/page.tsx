"use client";
import { type ReactNode, useEffect } from "react";

/** Tab title; the page's own part first, as browsers cut the end. */
export function useTitle(title: string | null): void {
  useEffect(() => {
    document.title = title ? `${title} · Recallscope` : "Recallscope";
  }, [title]);
}

export function PageHeader(props: { title: ReactNode; lead?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="mb-6 flex items-end justify-between gap-6">
      <div className="min-w-0">
        <h1 className="text-2xl">{props.title}</h1>
        {props.lead && <div className="mt-1 max-w-[110ch] text-ink-2">{props.lead}</div>}
      </div>
      {props.actions && <div className="flex shrink-0 gap-2">{props.actions}</div>}
    </div>
  );
}

export function Section(props: {
  id?: string;
  title: string;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <section id={props.id} className={props.className ?? "mt-10"}>
      <div className="mb-3 flex min-h-8 items-center justify-between gap-4">
        <h2 className="text-lg">{props.title}</h2>
        {props.aside}
      </div>
      {props.children}
    </section>
  );
}

export function Panel({ children, className }: { children: ReactNode; className?: string }) {
  return <div className={`rounded-lg border border-line bg-surface ${className ?? "p-5"}`}>{children}</div>;
}
