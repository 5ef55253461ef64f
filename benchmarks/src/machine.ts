import os from "node:os";
import { query } from "../../apps/api/test/support/postgres.ts";

/** What a measurement ran on. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryGb: number;
  system: string;
  postgres: string;
}

export async function describeMachine(databaseUrl: string): Promise<Machine> {
  const { rows } = await query(databaseUrl, "show server_version");
  return {
    cpu: os.cpus()[0]!.model.trim(),
    cores: os.availableParallelism(),
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.machine()}`,
    postgres: String(rows[0].server_version),
  };
}

export const machineText = ({ cpu, cores, memoryGb, system, postgres }: Machine): string =>
  `${cpu}, ${cores} cores, ${memoryGb} GB, ${system}, PostgreSQL ${postgres}`;
