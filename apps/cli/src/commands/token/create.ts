import type { Command } from "commander";
import { withAdmin } from "../../store/admin.ts";
import { type ServerFlags, withServer } from "../../store/connection.ts";
import { oneOf, wholeNumber } from "../options.ts";

const ROLES = ["READ", "WRITE", "ADMIN"] as const;

interface CreateFlags extends ServerFlags {
  name: string;
  role: (typeof ROLES)[number];
  days?: number;
  quiet?: boolean;
}

export const tokenCreateCommand = (parent: Command): void => {
  withServer(parent.command("create"))
    .description("make a token and print it: it is shown this once, and only its hash is kept")
    .requiredOption("--name <name>", "who or what uses it; events name it so, and no name is used twice")
    .requiredOption(
      "--role <role>",
      "read: look; write: also start runs, and delete its own; admin: also the runs of others, tokens, events",
      oneOf(ROLES),
    )
    .option(
      "--days <n>",
      "it ends by itself after so many days (default: when it is revoked)",
      wholeNumber(1, 3650),
    )
    .action(async (_: unknown, command: Command) => {
      const flags = command.optsWithGlobals<CreateFlags>();
      const { name, role, days, quiet } = flags;
      const secret = await withAdmin(flags, (admin) =>
        admin.createToken({ name, role, expiresInDays: days ?? null }),
      );
      process.stdout.write(`${secret}\n`);
      if (!quiet)
        process.stderr.write(`token ${name} (${role.toLowerCase()}): keep it, it is not shown again\n`);
    });
};
