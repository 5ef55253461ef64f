"use client";
import { useQuery } from "urql";
import { formatBytes } from "@/format/numbers.ts";
import { Field } from "./field.tsx";
import { DevicesQuery } from "./queries.ts";

/** A worker that decides model by model. */
const AUTO = "auto";

/** What the run is computed on: the devices of the workers that are there now, or whichever takes it. @param chosen empty for any */
export function DeviceField(props: {
  chosen: string;
  onChange: (device: string) => void;
  /** A study's runs go to any worker. */
  isStudy: boolean;
}) {
  const { chosen, onChange, isStudy } = props;
  const [{ data }] = useQuery({ query: DevicesQuery, requestPolicy: "cache-and-network" });
  const workers = data?.workers ?? [];
  const offered = [...new Set(workers.map(({ device }) => device))]
    .filter((device) => device !== AUTO)
    .sort();
  const away =
    data !== undefined && chosen !== "" && !offered.includes(chosen) && !workers.some(isAuto) && !isStudy;
  return (
    <Field
      title="Device"
      help="Devices round differently: the same run on another one has the same key and other last digits"
    >
      <select
        aria-label="Device"
        aria-invalid={away}
        className="control w-full aria-invalid:border-bad"
        value={isStudy ? "" : chosen}
        disabled={isStudy}
        onChange={(event) => onChange(event.target.value)}
      >
        <option value="">any worker's</option>
        {(chosen === "" || offered.includes(chosen) ? offered : [...offered, chosen]).map((device) => (
          <option key={device} value={device}>
            {device.toUpperCase()}
          </option>
        ))}
      </select>
      <p className={`mt-1 text-2xs ${away ? "text-bad" : "text-ink-3"}`}>
        {away
          ? `No worker computes on ${chosen.toUpperCase()} now.`
          : isStudy
            ? "A study's runs go to any worker."
            : !data
              ? "…"
              : workers.length === 0
                ? "No worker has shown itself: runs wait until one does."
                : workers.map(describe).join("; ")}
      </p>
    </Field>
  );
}

interface Worker {
  name: string;
  device: string;
  memory: number | null;
}
const isAuto = ({ device }: Worker): boolean => device === AUTO;
const describe = ({ name, device, memory }: Worker): string =>
  `${device === AUTO ? "the fastest device" : device.toUpperCase()} of ${name}${memory === null ? "" : `, ${formatBytes(memory)}`}`;
