"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useMutation } from "urql";
import { shortModelName } from "@/format/runs.ts";
import { Button } from "@/ui/button.tsx";
import { ConfirmDelete } from "@/ui/confirm-delete.tsx";
import { DeleteModel } from "./queries.ts";

/** Takes a model from the list; its files stay where they are. */
export function DeleteModelButton({ name }: { name: string }) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [{ fetching, error }, deleteModel] = useMutation(DeleteModel);
  const remove = async () => {
    const result = await deleteModel({ name });
    if (result.data) router.push("/models");
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>Delete</Button>
      {open && (
        <ConfirmDelete
          title={`Delete the model ${shortModelName(name)}?`}
          description="It leaves the list, if no run and no study uses it. Its files stay where they are."
          error={error}
          busy={fetching}
          onDelete={() => void remove()}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}
