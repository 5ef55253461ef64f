import { type Device, deviceOfSource } from "@recallscope/engine";
import type { Services } from "../services.ts";
import { type RunInHand, requestOf } from "./compute-shard.ts";

/**
 * Tells whether parts of a run come from another device than this worker's: numbers of different devices never meet in one report. To be asked once a part is
 * claimed, as another worker may have planned the run until then.
 */
export function runDevice(
  services: Services,
  run: RunInHand,
  signal: AbortSignal,
): { isOther(): Promise<boolean> } {
  const { prisma, engines, worker } = services;
  let own: Device | null = worker.device === "auto" ? null : worker.device;
  return {
    isOther: async () => {
      const current = await prisma.run.findUnique({ where: { id: run.id }, select: { source: true } });
      const device = deviceOfSource(current?.source ?? "");
      if (device === null) return false;
      // Which one `auto` takes for this model shows once it is open.
      own ??= deviceOfSource((await engines.runs.plan(await requestOf(services, run), { signal })).source);
      return device !== own;
    },
  };
}
