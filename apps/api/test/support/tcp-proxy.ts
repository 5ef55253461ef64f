import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface TcpProxy {
  port: number;
  /** `pass`: as if it were not there. `stall`: connections stay, and nothing comes through. `cut`: connections break, new ones too. */
  set(mode: "pass" | "stall" | "cut"): void;
  close(): Promise<void>;
}

/** Stands between a program and its database, and does what networks do. */
export async function tcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<[Socket, Socket]>();
  let mode: "pass" | "stall" | "cut" = "pass";
  const server = createServer((near) => {
    if (mode === "cut") return void near.resetAndDestroy();
    const far = connect(target, "127.0.0.1");
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on("error", () => {});
      from.on("close", () => {
        pairs.delete(pair);
        to.destroy();
      });
      from.pipe(to);
      if (mode === "stall") from.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    set: (next) => {
      mode = next;
      for (const pair of pairs)
        for (const socket of pair) {
          if (mode === "cut") socket.resetAndDestroy();
          else if (mode === "stall") socket.pause();
          else socket.resume();
        }
    },
    close: async () => {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
