"use client";
import { useEffect, useLayoutEffect, useRef, useState } from "react";

interface Tip {
  text: string;
  anchor: DOMRect;
}

/**
 * One tooltip for the whole page: any element with `data-tip` shows it on hover and keyboard focus. The first line is
 * the title; `label<tab>value` lines become pairs. Thousands of heat map cells need no listener of their own.
 */
export function TipLayer() {
  const [tip, setTip] = useState<Tip | null>(null);

  useEffect(() => {
    const show = (event: Event) => {
      const target = (event.target as Element | null)?.closest?.("[data-tip]");
      if (!target) return setTip(null);
      if (event.type === "focusin" && !target.matches(":focus-visible")) return;
      setTip({ text: target.getAttribute("data-tip") ?? "", anchor: target.getBoundingClientRect() });
    };
    const hide = () => setTip(null);
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && hide();
    document.addEventListener("pointerover", show);
    document.addEventListener("focusin", show);
    document.addEventListener("pointerdown", hide);
    document.addEventListener("scroll", hide, true);
    document.addEventListener("keydown", onKey);
    document.documentElement.addEventListener("pointerleave", hide);
    return () => {
      document.removeEventListener("pointerover", show);
      document.removeEventListener("focusin", show);
      document.removeEventListener("pointerdown", hide);
      document.removeEventListener("scroll", hide, true);
      document.removeEventListener("keydown", onKey);
      document.documentElement.removeEventListener("pointerleave", hide);
    };
  }, []);

  return tip?.text ? <TipCard tip={tip} /> : null;
}

function TipCard({ tip }: { tip: Tip }) {
  const card = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ left: 0, top: 0, ready: false });

  useLayoutEffect(() => {
    const { width, height } = card.current?.getBoundingClientRect() ?? { width: 0, height: 0 };
    const { anchor } = tip;
    const centre = anchor.left + anchor.width / 2 - width / 2;
    const left = Math.min(Math.max(8, centre), window.innerWidth - width - 8);
    const above = anchor.top - height - 8;
    setPlace({ left, top: above > 8 ? above : anchor.bottom + 8, ready: true });
  }, [tip]);

  const [title, ...lines] = tip.text.split("\n");
  return (
    <div
      ref={card}
      role="tooltip"
      style={{ left: place.left, top: place.top, visibility: place.ready ? "visible" : "hidden" }}
      className="pointer-events-none fixed z-50 max-w-80 rounded-md bg-ink px-2.5 py-1.5 text-xs text-paper shadow-float"
    >
      <div className={lines.length > 0 ? "mb-1 font-semibold" : ""}>{title}</div>
      {lines.length > 0 && (
        <div className="grid grid-cols-[auto_auto] gap-x-4 gap-y-px">
          {lines.map((line) => {
            const [label, value] = line.split("\t");
            return value ? (
              <div key={line} className="contents">
                <span className="opacity-70">{label}</span>
                <span className="text-right">{value}</span>
              </div>
            ) : (
              <div key={line} className="col-span-2 opacity-75">
                {label}
              </div>
            );
          })}
        </div>
      )}
    </div>
  );
}
