import type { Command } from "commander";
import { tokenCreateCommand } from "./create.ts";
import { tokenListCommand } from "./list.ts";
import { tokenRevokeCommand } from "./revoke.ts";

export const tokenCommand = (program: Command): void => {
  const token = program
    .command("token")
    .description("make, list and revoke the keys to a server on a network");
  for (const add of [tokenCreateCommand, tokenListCommand, tokenRevokeCommand]) add(token);
};
