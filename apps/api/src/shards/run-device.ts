import { type Device, deviceOfSource } from "@recallscope/engine";
import { askedDevice } from "../runs/run-needs.ts";
import type { Services } from "../services.ts";
import { type RunInHand, requestOf } from "./compute-shard.ts";

export interface OtherDevice {
  /** What somebody wants the run to be computed on; null where its first parts decided. */
  asked: Device | null;
  /** This worker's. */
  own: Device;
}

/**
 * Tells when parts of a run come, or are to come, from another device than this worker's: numbers of different devices never meet in one report. To be asked once a part is
 * claimed, as another worker may have planned the run until then.
 */
export function runDevice(
  services: Services,
  run: RunInHand,
  signal: AbortSignal,
): { other(): Promise<OtherDevice | null> } {
  const { prisma, engines, worker } = services;
  let own: Device | null = worker.device === "auto" ? null : worker.device;
  return {
    other: async () => {
      const current = await prisma.run.findUnique({
        where: { id: run.id },
        select: { source: true, device: true },
      });
      const asked = current && askedDevice(current);
      const device = asked ?? deviceOfSource(current?.source ?? "");
      if (device === null) return null;
      // Which one `auto` takes for this model shows once it is open.
      own ??= deviceOfSource((await engines.runs.plan(await requestOf(services, run), { signal })).source);
      return own === null || device === own ? null : { asked, own };
    },
  };
}
