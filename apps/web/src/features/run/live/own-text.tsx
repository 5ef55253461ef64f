"use client";
import { useEffect, useRef, useState } from "react";
import { ChoiceGroup } from "@/ui/choice-group.tsx";
import type { OwnText } from "./own-input.ts";

const NO_TEXT: OwnText = { text: "", want: "" };
const REST_MS = 400;
const CHOICES = [
  { value: "prompt", label: "This prompt" },
  { value: "own", label: "A text of your own" },
] as const;

/** What is changed: the prompt, or any text, which has no counterfactual but can be told the same. */
export function OwnTextField({ own, onOwn }: { own: OwnText; onOwn: (own: OwnText) => void }) {
  const [chosen, setChosen] = useState(own.text !== "");
  const [typed, setTyped] = useState(own);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const type = (next: OwnText) => {
    setTyped(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onOwn(next), REST_MS);
  };
  const choose = (value: "prompt" | "own") => {
    setChosen(value === "own");
    clearTimeout(timer.current);
    onOwn(value === "own" ? typed : NO_TEXT);
  };
  return (
    <div>
      <ChoiceGroup
        label="What the model reads"
        value={chosen ? "own" : "prompt"}
        choices={CHOICES}
        onChange={choose}
      />
      {chosen && (
        <div className="mt-2 grid grid-cols-[minmax(0,1fr)_110px] gap-2">
          <label>
            <span className="label">Text, up to the answer</span>
            <input
              className="control w-full"
              placeholder="table mug free China table mug free"
              value={typed.text}
              maxLength={4000}
              onChange={(event) => type({ ...typed, text: event.target.value })}
            />
          </label>
          <label
            data-tip={
              "One token\nIts leading blank is added where you leave it out.\nOf a longer answer give the first token."
            }
          >
            <span className="label">Answer to watch</span>
            <input
              className="control w-full"
              placeholder="Beijing"
              value={typed.want}
              maxLength={100}
              onChange={(event) => type({ ...typed, want: event.target.value })}
            />
          </label>
        </div>
      )}
    </div>
  );
}
