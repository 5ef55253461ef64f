import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Answer, Ran, Ready, Request, Written } from "./protocol.ts";

/** A running side. Requests are answered one at a time. */
export class SideProcess {
  private readonly lines: AsyncIterator<string>;
  private readonly errors: string[] = [];
  private readonly exited: Promise<unknown>;

  private constructor(
    private readonly name: string,
    private readonly child: ChildProcessWithoutNullStreams,
  ) {
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.on("data", (data: Buffer) => {
      this.errors.push(data.toString());
      if (this.errors.length > 200) this.errors.shift();
    });
    child.stdin.on("error", () => {});
    this.exited = new Promise((resolve) => {
      child.on("close", resolve);
      child.on("error", (error) => {
        this.errors.push(error.message);
        resolve(error);
      });
    });
  }

  static start(name: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv): SideProcess {
    return new SideProcess(name, spawn(command, args, { env, stdio: "pipe" }));
  }

  prepare = (job: string, variant: string): Promise<Ready> =>
    this.ask({ command: "prepare", job, variant }) as Promise<Ready>;
  warmUp = (): Promise<unknown> => this.ask({ command: "warm-up" });
  run = (): Promise<Ran> => this.ask({ command: "run" }) as Promise<Ran>;
  write = (prefix: string): Promise<Written> => this.ask({ command: "write", prefix }) as Promise<Written>;

  async close(): Promise<void> {
    this.child.stdin.end(`${JSON.stringify({ command: "close" } satisfies Request)}\n`);
    const patience = setTimeout(() => this.child.kill(), 10_000);
    await this.exited;
    clearTimeout(patience);
  }

  private async ask(request: Request): Promise<Answer> {
    this.child.stdin.write(`${JSON.stringify(request)}\n`);
    const line = await this.lines.next();
    if (line.done) {
      await this.exited;
      throw new Error(
        `${this.name} ended while asked to ${request.command}:\n${this.errors.join("").slice(-4000)}`,
      );
    }
    const answer = JSON.parse(line.value) as Answer;
    if (!answer.ok) throw new Error(`${this.name} could not ${request.command}: ${answer.error}`);
    return answer;
  }
}
