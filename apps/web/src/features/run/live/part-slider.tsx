"use client";
import { Slider } from "radix-ui";
import { IconButton } from "@/ui/button.tsx";
import { CloseIcon } from "@/ui/icons.tsx";

/** A factor from `min` to `max`; a tick marks the value that changes nothing. */
export function PartSlider(props: {
  label: string;
  /** What the number is, for screen readers: `scale of L5H0`. */
  name: string;
  value: number;
  range: { min: number; max: number; step: number };
  neutral: number;
  onChange: (value: number) => void;
  onRemove?: (() => void) | undefined;
}) {
  const { value, range, neutral } = props;
  const place = ((neutral - range.min) / (range.max - range.min)) * 100;
  const changed = value !== neutral;
  return (
    <div className="grid grid-cols-[64px_minmax(0,1fr)_52px_28px] items-center gap-x-3">
      <span className="text-sm font-medium">{props.label}</span>
      <Slider.Root
        className="relative flex h-[26px] touch-none items-center"
        min={range.min}
        max={range.max}
        step={range.step}
        value={[value]}
        onValueChange={([next]) => next !== undefined && props.onChange(next)}
      >
        <span
          aria-hidden="true"
          className="absolute h-3 w-px bg-line-strong"
          // The thumb's middle runs from half its width to half its width before the end.
          style={{ left: `calc(${place}% + ${12 - place * 0.24}px)` }}
        />
        <Slider.Track className="relative h-1 flex-1 rounded-full bg-line">
          <Slider.Range className="absolute h-full rounded-full bg-ink-3/50" />
        </Slider.Track>
        {/* Larger than it looks: targets are at least 24 pixels wide. */}
        <Slider.Thumb
          aria-label={props.name}
          className="group grid size-[24px] place-items-center rounded-full"
        >
          <span className="block size-4 rounded-full border-2 border-ink bg-surface transition-transform group-hover:scale-110" />
        </Slider.Thumb>
      </Slider.Root>
      <span className={changed ? "text-right text-sm font-semibold" : "text-right text-sm text-ink-3"}>
        × {value.toFixed(2).replace("-", "−")}
      </span>
      {props.onRemove ? (
        <IconButton label={`Take ${props.label} off the list`} onClick={props.onRemove}>
          <CloseIcon />
        </IconButton>
      ) : (
        <span />
      )}
    </div>
  );
}
