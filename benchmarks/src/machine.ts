import os from "node:os";

/** What a measurement ran on. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryGb: number;
  system: string;
}

export const thisMachine = (): Machine => ({
  cpu: os.cpus()[0]!.model.trim(),
  cores: os.availableParallelism(),
  memoryGb: Math.round(os.totalmem() / 2 ** 30),
  system: `${os.type()} ${os.machine()}`,
});

export const machineText = ({ cpu, cores, memoryGb, system }: Machine): string =>
  `${cpu.trim()}, ${cores} cores, ${memoryGb} GB, ${system}`;
