"use client";
import { Tabs } from "radix-ui";
import type { ReactNode } from "react";
import { formatEstimate } from "@/format/estimates.ts";
import { formatValue, plural } from "@/format/numbers.ts";
import { cx } from "@/ui/class-names.ts";
import { EstimateValue } from "@/ui/number.tsx";
import { SuppressionText } from "@/ui/suppression.tsx";
import type { RunHeaderData } from "./queries.ts";
import { TABS, type Tab } from "./view-state.ts";

/** The mechanisms in the order the model uses them, each with its key number: the run at a glance, and its tabs. */
export function MechanismTabs({ run, onReach }: { run: RunHeaderData; onReach: (tab: Tab) => void }) {
  const { summary } = run;
  const reach = (target: EventTarget) => {
    const name = (target as Element).closest<HTMLElement>("[data-tab]")?.dataset.tab;
    const tab = TABS.find((each) => each === name);
    if (tab) onReach(tab);
  };
  const intercept = run.functionApplication?.intercepts.find(({ layer }) => layer === summary?.headlineLayer);
  return (
    <Tabs.List
      aria-label="Mechanisms"
      onPointerOver={({ target }) => reach(target)}
      onFocus={({ target }) => reach(target)}
      className="sticky top-13 z-20 grid grid-cols-[repeat(5,minmax(0,1fr))_auto] gap-x-px overflow-hidden rounded-lg border border-line bg-line"
    >
      <Step
        tab="prediction"
        name="Prediction"
        value={summary && <EstimateValue estimate={summary.top1} unit="probability" label="Top-1 accuracy" />}
        note={summary ? `top-1; p(answer) ${formatEstimate(summary.probability, "probability")}` : ""}
      />
      <Step
        tab="heads"
        name="Argument passing"
        value={
          summary?.topMover && summary.topMoverEffect ? (
            <>
              {summary.topMover}{" "}
              <span className="font-normal text-ink-2">
                <EstimateValue estimate={summary.topMoverEffect} unit="effect" label="Patching effect" />
              </span>
            </>
          ) : (
            <NotSeen>no mover</NotSeen>
          )
        }
        note={summary ? `${plural(summary.moverCount, "mover head")}` : ""}
      />
      <Step
        tab="mlp"
        name="MLP activation"
        value={
          summary?.r2HeldOut == null ? (
            <NotSeen>no R²</NotSeen>
          ) : (
            <>R² {formatValue(summary.r2HeldOut, "r2")}</>
          )
        }
        note={summary?.headlineLayer == null ? "no headline layer" : `held out, MLP${summary.headlineLayer}`}
      />
      <Step
        tab="function"
        name="Function application"
        value={
          intercept ? (
            <EstimateValue
              estimate={intercept.typeGain}
              unit="logit"
              label="Type gain of the intercept"
              signed
            />
          ) : (
            <NotSeen>no intercept</NotSeen>
          )
        }
        note={
          intercept ? `type gain; mean output ${formatEstimate(intercept.typeGainOfMean, "logit", true)}` : ""
        }
      />
      <Step
        tab="final"
        name="Final layer"
        value={
          summary && (
            <>
              <EstimateValue estimate={summary.finalLayerChange} unit="nats" label="Change of log p" signed />
              <span className="ml-1 text-sm font-normal text-ink-2">nats</span>
            </>
          )
        }
        note={summary ? <SuppressionText suppression={summary.suppression} /> : ""}
      />
      <div className="grid bg-surface">
        <SmallStep tab="prompts" name="Prompts" />
        <SmallStep tab="details" name="Details" />
      </div>
    </Tabs.List>
  );
}

const SHAPE =
  "relative bg-surface text-left outline-offset-[-3px] transition-colors hover:bg-sunken/50 " +
  "data-[state=active]:after:absolute data-[state=active]:after:bg-ink";

function Step(props: { tab: string; name: string; value: ReactNode; note: ReactNode }) {
  return (
    <Tabs.Trigger
      value={props.tab}
      data-tab={props.tab}
      className={cx(
        SHAPE,
        "group flex min-w-0 flex-col px-4 pt-2.5 pb-3",
        "data-[state=active]:after:inset-x-0 data-[state=active]:after:bottom-0 data-[state=active]:after:h-[3px]",
      )}
    >
      <span className="truncate text-xs text-ink-3 group-data-[state=active]:font-medium group-data-[state=active]:text-ink">
        {props.name}
      </span>
      <span className="mt-0.5 truncate text-lg leading-6 font-semibold">{props.value}</span>
      <span className="truncate text-xs text-ink-3">{props.note}</span>
    </Tabs.Trigger>
  );
}

function SmallStep({ tab, name }: { tab: string; name: string }) {
  return (
    <Tabs.Trigger
      value={tab}
      data-tab={tab}
      className={cx(
        SHAPE,
        "border-line px-4 text-sm text-ink-2 first:border-b data-[state=active]:font-medium data-[state=active]:text-ink",
        "data-[state=active]:after:inset-y-0 data-[state=active]:after:left-0 data-[state=active]:after:w-[3px]",
      )}
    >
      {name}
    </Tabs.Trigger>
  );
}

const NotSeen = ({ children }: { children: ReactNode }) => (
  <span className="text-base font-normal text-ink-3 italic">{children}</span>
);
