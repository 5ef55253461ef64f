"use client";
import { useState } from "react";
import { useMutation, useSubscription } from "urql";
import { formatBytes } from "@/format/numbers.ts";
import { Button } from "@/ui/button.tsx";
import { ProgressBar } from "@/ui/run-status.tsx";
import { ErrorState } from "@/ui/states.tsx";
import { AddModel, ModelOpening } from "./queries.ts";

/** Opens a model from a folder or by hub id, and says how far that is. */
export function AddModelForm({ onAdded }: { onAdded: (name: string) => void }) {
  const [name, setName] = useState("");
  const [{ fetching, error }, addModel] = useMutation(AddModel);
  const [asked, setAsked] = useState("");
  const [opening] = useSubscription({
    query: ModelOpening,
    variables: { name: asked },
    pause: !fetching || asked === "",
  });
  const add = async () => {
    const wanted = name.trim();
    setAsked(wanted);
    const result = await addModel({ name: wanted });
    if (result.data) onAdded(result.data.addModel.model.name);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        if (name.trim() && !fetching) void add();
      }}
    >
      <label htmlFor="add-model" className="label">
        Folder of this server, GGUF file, or hub id
      </label>
      <div className="mt-1 flex gap-2">
        <input
          id="add-model"
          className="control min-w-0 flex-1"
          placeholder="openai-community/gpt2"
          autoComplete="off"
          spellCheck={false}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Button type="submit" disabled={fetching || name.trim() === ""}>
          {fetching ? "Opening" : "Open"}
        </Button>
      </div>
      {fetching ? (
        <Progress opening={opening.data?.modelOpening ?? null} />
      ) : (
        <p className="label mt-1.5">
          GPT-2, OPT, Llama, Mistral, Qwen2, Qwen3, GPT-NeoX and Gemma 2. It is checked before it is listed.
        </p>
      )}
      {error && !fetching && (
        <div className="mt-3">
          <ErrorState error={error} />
        </div>
      )}
    </form>
  );
}

function Progress(props: { opening: { message: string; done: number; total: number } | null }) {
  const { message, done, total } = props.opening ?? { message: "Waiting for the engine", done: 0, total: 1 };
  // Of other work than files only the name is known.
  const counted = total > 1;
  return (
    <div className="mt-2.5" role="status">
      <p className="label mb-1 flex justify-between gap-3">
        <span className="truncate">{message}</span>
        {counted && (
          <span className="whitespace-nowrap">
            {formatBytes(done)} of {formatBytes(total)}
          </span>
        )}
      </p>
      <ProgressBar fraction={counted ? done / total : null} label={message} />
    </div>
  );
}
