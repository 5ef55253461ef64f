"use client";
import { useQuery } from "urql";
import { formatBytes } from "@/format/numbers.ts";
import { Field } from "./field.tsx";
import { DevicesQuery } from "./queries.ts";

/** Where the run will be computed: any worker with the memory for it takes it. */
export function DeviceField() {
  const [{ data }] = useQuery({ query: DevicesQuery, requestPolicy: "cache-and-network" });
  const workers = data?.workers ?? [];
  return (
    <Field title="Device">
      <p className="text-sm text-ink-2">
        {!data
          ? "…"
          : workers.length === 0
            ? "No worker has shown itself: runs wait until one does."
            : workers
                .map(
                  ({ name, device, memory }) =>
                    `${device.toUpperCase()} of ${name}${memory === null ? "" : `, ${formatBytes(memory)}`}`,
                )
                .join("; ")}
      </p>
      <p className="label mt-0.5">float32; weights in fewer bits are widened</p>
    </Field>
  );
}
