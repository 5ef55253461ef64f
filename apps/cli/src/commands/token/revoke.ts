import type { Command } from "commander";
import { minute } from "../../output/time.ts";
import { withAdmin } from "../../store/admin.ts";
import { type ServerFlags, withServer } from "../../store/connection.ts";

export const tokenRevokeCommand = (parent: Command): void => {
  withServer(parent.command("revoke"))
    .description("end a token from this moment on; open connections of it end within ten seconds")
    .argument("<name>", "its name")
    .action(async (name: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ServerFlags & { quiet?: boolean }>();
      const { revokedAt } = await withAdmin(flags, (admin) => admin.revokeToken(name));
      process.stdout.write(`token ${name}: revoked at ${minute(revokedAt)} UTC\n`);
    });
};
