import type { TokenRow } from "@recallscope/api";
import type { Command } from "commander";
import { table } from "../../output/table.ts";
import { minute } from "../../output/time.ts";
import { withAdmin } from "../../store/admin.ts";
import { type ServerFlags, withServer } from "../../store/connection.ts";

export const tokenListCommand = (parent: Command): void => {
  withServer(parent.command("list"))
    .description("print all tokens, newest first, without the tokens themselves (times in UTC)")
    .action(async (_: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ServerFlags & { quiet?: boolean }>();
      const tokens = await withAdmin(flags, (admin) => admin.tokens());
      const rows = tokens.map((token) => [
        token.name,
        token.role.toLowerCase(),
        `${token.hint}...`,
        stateOf(token),
        minute(token.createdAt),
        minute(token.expiresAt),
        minute(token.lastUsedAt),
      ]);
      const header = ["name", "role", "token", "state", "made", "ends", "last used"];
      process.stdout.write(`${table(header, rows, { left: header.length })}\n`);
    });
};

function stateOf({ revokedAt, expiresAt }: TokenRow): string {
  if (revokedAt !== null) return "revoked";
  return expiresAt !== null && new Date(expiresAt) <= new Date() ? "expired" : "valid";
}
