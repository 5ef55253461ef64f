import { parseArgs } from "node:util";
import { DEFAULT_DEVICE, DEVICES, type Device } from "../../../packages/engine/src/session/device.ts";
import { countOption } from "./count-option.ts";

export interface BenchOptions {
  json?: string;
  quick: boolean;
  only?: string[];
  rounds: number;
  threads: number;
  device: Device;
  peers?: string[];
  pythonEnv?: string;
  python: string;
}

const USAGE = `usage: npm run bench -- [options]         ours alone
       npm run bench:peers -- [options]   ours and the peers, alternately

  --only ID,ID       these rows only (an id, or the beginning of several)
  --rounds N         timed executions of each side (3)
  --threads N        threads of each side (2)
  --device NAME      what our side computes on: cpu (the default), webgpu, cuda, coreml, dml
  --quick            tiny sizes, one round: to try the benchmark itself
  --json FILE        write the report
  --peers NAME,NAME  these peers only
  --python-env DIR   folder of the peers' Python environment (benchmarks/.cache/peers, or RECALLSCOPE_BENCH_PEERS)
  --python PROGRAM   Python that makes the environment (python3)`;

/** @throws Error with the usage */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parsed(args);
  if (values.help) throw new Error(USAGE);
  const quick = values.quick ?? false;
  const pythonEnv = values["python-env"] ?? process.env.RECALLSCOPE_BENCH_PEERS;
  return {
    quick,
    rounds: countOption("rounds", values.rounds, quick ? 1 : 3, USAGE),
    threads: countOption("threads", values.threads, 2, USAGE),
    device: deviceOf(values.device),
    python: values.python ?? "python3",
    ...(values.json !== undefined && { json: values.json }),
    ...(values.only !== undefined && { only: values.only.split(",") }),
    ...(values.peers !== undefined && { peers: values.peers.split(",") }),
    ...(pythonEnv && { pythonEnv }),
  };
}

/** @throws Error with those there are */
export function deviceOf(text: string = DEFAULT_DEVICE): Device {
  const device = DEVICES.find((name) => name === text);
  if (!device) throw new Error(`--device ${text}: one of ${DEVICES.join(", ")} expected`);
  return device;
}

function parsed(args: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: text,
        quick: flag,
        only: text,
        rounds: text,
        threads: text,
        device: text,
        peers: text,
        "python-env": text,
        python: text,
        help: flag,
      },
    });
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${USAGE}`);
  }
}
