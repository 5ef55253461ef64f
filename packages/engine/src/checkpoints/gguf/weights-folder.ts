import { homedir } from "node:os";
import path from "node:path";

/**
 * Where weights of GGUF files are kept in the form that graphs read: `RECALLSCOPE_CACHE`, or `XDG_CACHE_HOME/recallscope`, or ~/.cache/recallscope.
 * @param env the variables, which only the programs around the engine read
 */
export const weightsFolderOf = (env: Readonly<Record<string, string | undefined>>): string =>
  path.resolve(
    (env.RECALLSCOPE_CACHE || path.join(env.XDG_CACHE_HOME || "~/.cache", "recallscope")).replace(
      /^~(?=$|[/\\])/,
      homedir(),
    ),
  );
