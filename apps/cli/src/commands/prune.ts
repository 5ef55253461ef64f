import { type Command, InvalidArgumentError } from "commander";
import { withAdmin } from "../store/admin.ts";
import { type ServerFlags, withServer } from "../store/connection.ts";

interface PruneFlags extends ServerFlags {
  olderThan: number;
  keepTagged?: boolean;
  events?: boolean;
  dryRun?: boolean;
  quiet?: boolean;
}

export const pruneCommand = (program: Command): void => {
  withServer(program.command("prune"))
    .description(
      "remove runs that ended long ago, with all their numbers; those that a study or a saved comparison names stay",
    )
    .requiredOption("--older-than <days>", "how long ago they ended, such as 90d", days)
    .option("--keep-tagged", "leave runs that have a tag")
    .option("--events", "also remove events (who changed what) of that age")
    .option("--dry-run", "only say what would go")
    .action(async (_: unknown, command: Command) => {
      const flags = command.optsWithGlobals<PruneFlags>();
      const { keepTagged = false, events = false, dryRun = false } = flags;
      const request = { olderThanDays: flags.olderThan, keepTagged, events, dryRun };
      const pruned = await withAdmin(flags, (admin) => admin.prune(request));
      const stay = [
        keepTagged ? `${pruned.keptTagged} have a tag` : "",
        `${pruned.keptNamed} are named by a study or a saved comparison`,
      ].filter(Boolean);
      process.stdout.write(
        `${dryRun ? "would remove" : "removed"} ${pruned.runs} runs${events ? ` and ${pruned.events} events` : ""}; of that age ${stay.join(", ")}, and stay\n`,
      );
    });
};

function days(text: string): number {
  const [, number] = /^([1-9]\d{0,4})\s*d(?:ays)?$/.exec(text.trim()) ?? [];
  if (number === undefined || Number(number) > 36_500)
    throw new InvalidArgumentError("Allowed: whole days, from 1d to 36500d.");
  return Number(number);
}
