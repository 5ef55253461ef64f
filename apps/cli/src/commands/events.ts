import type { Command } from "commander";
import { table } from "../output/table.ts";
import { minute } from "../output/time.ts";
import { withAdmin } from "../store/admin.ts";
import { type ServerFlags, withServer } from "../store/connection.ts";
import { wholeNumber } from "./options.ts";

export const eventsCommand = (program: Command): void => {
  withServer(program.command("events"))
    .description("print what was changed on the server and by whom, newest first (times in UTC)")
    .option("--first <n>", "so many", wholeNumber(1, 100_000), 50)
    .action(async (_: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ServerFlags & { first: number; quiet?: boolean }>();
      const events = await withAdmin(flags, (admin) => admin.auditEvents(flags.first));
      const rows = events.map(({ at, actor, action, subject, outcome }) => [
        minute(at),
        actor,
        action,
        outcome,
        subject ?? "",
      ]);
      const header = ["when", "who", "what", "outcome", "about"];
      process.stdout.write(`${table(header, rows, { left: header.length })}\n`);
    });
};
