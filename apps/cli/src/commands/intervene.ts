import {
  type HookName,
  type InterventionResult,
  type Knockout,
  type LiveEdit,
  parseHookName,
  type ShownReading,
} from "@recallscope/engine";
import { type Command, InvalidArgumentError } from "commander";
import { percent, short } from "../output/numbers.ts";
import { table } from "../output/table.ts";
import { type EngineFlags, withEngine } from "../with-engine.ts";
import { wholeNumber } from "./options.ts";

/** Layers are known once the model is open: `null` stands for all of them. */
interface Hidden {
  keys: number[];
  layers: { first: number; last: number } | null;
}

interface InterveneFlags extends EngineFlags {
  prompt: string;
  source?: string;
  edit: LiveEdit[];
  hide: Hidden[];
  answer?: string;
  top: number;
  json?: boolean;
}

export const interveneCommand = (program: Command): void => {
  program
    .command("intervene")
    .description("change a model while it reads one prompt, and print what it says before and after")
    .argument("<model>", "a folder, a GGUF file, a name from models/, or a hub id")
    .requiredOption("--prompt <text>", "the prompt")
    .option(
      "--edit <PLACE[@POSITION]=VALUE>",
      "L9H8, ATTN9, MLP9 or a hook name; last, N, or all positions; a factor, or `source`: its value in the source prompt. May be repeated",
      collected(
        editOf,
        "L9H8, ATTN9, MLP9 or a hook name, then @last, @N or nothing, then = and a factor or `source`; such as L9H8@last=0",
      ),
      [],
    )
    .option(
      "--hide <KEYS[@LAYERS]>",
      "positions that the last one does not see, such as 1-3 or 1-3@4-6. May be repeated",
      collected(
        hiddenOf,
        "positions such as 2 or 1-3, then @ and layers such as 4-6, or nothing for all layers",
      ),
      [],
    )
    .option("--source <text>", "prompt whose values `source` takes")
    .option("--answer <token>", 'token to follow, such as " Paris"')
    .option("--top <n>", "how many of the likeliest tokens", wholeNumber(1, 100), 10)
    .option("--json", "print everything as JSON")
    .action(async (model: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<InterveneFlags>();
      const result = await withEngine(flags, async (engine, options) => {
        const { layers } = await engine.inspect(model, options);
        const { prompt, source, answer, top, edit: edits } = flags;
        const knockouts = flags.hide.flatMap((hidden) => knockoutsOf(hidden, layers));
        return engine.intervene(
          {
            model,
            prompt,
            edits,
            top,
            ...(knockouts.length > 0 && { knockouts }),
            ...(source !== undefined && { source }),
            ...(answer !== undefined && { answer }),
          },
          options,
        );
      });
      process.stdout.write(flags.json ? `${JSON.stringify(result, null, 2)}\n` : `${describe(result)}\n`);
    });
};

const collected =
  <T>(read: (text: string) => T | null, allowed: string) =>
  (text: string, before: T[]): T[] => {
    const value = read(text);
    if (value === null) throw new InvalidArgumentError(`Not understood. Allowed: ${allowed}.`);
    return [...before, value];
  };

function editOf(text: string): LiveEdit | null {
  const [, place, position, value] = /^([^@=]+)(?:@([^=]+))?=(.+)$/.exec(text) ?? [];
  const where = place && placeOf(place);
  if (!where || !value) return null;
  const at =
    position === undefined || position === "all"
      ? {}
      : { position: position === "last" ? -1 : Number(position) };
  const taken = value === "source";
  const scale = taken ? 0 : Number(value);
  if (!Number.isFinite(scale) || ("position" in at && !Number.isInteger(at.position))) return null;
  return { ...where, ...at, scale, ...(taken && { value: { source: true } }) };
}

function placeOf(text: string): Pick<LiveEdit, "hook" | "head"> | null {
  const [, head, layer, index] = /^(?:(L)|ATTN|MLP)(\d+)(?:H(\d+))?$/i.exec(text) ?? [];
  if (layer === undefined) {
    try {
      parseHookName(text);
      return { hook: text as HookName };
    } catch {
      return null;
    }
  }
  if ((head === undefined) !== (index === undefined)) return null;
  if (index !== undefined) return { hook: `blocks.${Number(layer)}.attn.hook_z`, head: Number(index) };
  const point = /^MLP/i.test(text) ? "hook_mlp_out" : "hook_attn_out";
  return { hook: `blocks.${Number(layer)}.${point}` };
}

function hiddenOf(text: string): Hidden | null {
  const [, first, last, from, to] = /^(\d+)(?:-(\d+))?(?:@(\d+)(?:-(\d+))?)?$/.exec(text) ?? [];
  if (first === undefined) return null;
  const [start, end] = [Number(first), Number(last ?? first)];
  const keys = Array.from({ length: Math.max(0, end - start + 1) }, (_, i) => start + i);
  if (keys.length === 0) return null;
  return { keys, layers: from === undefined ? null : { first: Number(from), last: Number(to ?? from) } };
}

function knockoutsOf({ keys, layers }: Hidden, count: number): Knockout[] {
  const { first, last } = layers ?? { first: 0, last: count - 1 };
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => ({
    layer: first + i,
    query: -1,
    keys,
  }));
}

function describe({ tokens, before, after }: InterventionResult): string {
  const shown = (reading: ShownReading | undefined) =>
    reading ? [JSON.stringify(reading.text), percent(reading.probability)] : ["", ""];
  const rows = before.top.map((own, i) => [String(i), ...shown(own), ...shown(after.top[i])]);
  const lines = [
    `prompt  ${tokens.map(({ text }) => text).join("|")}`,
    "",
    table(["rank", "before", "p", "after", "p"], rows, { left: 0 }),
  ];
  if (before.answer && after.answer) {
    const [was, is] = [before.answer, after.answer];
    lines.push(
      "",
      `answer ${JSON.stringify(was.text)}: probability ${percent(was.probability)} -> ${percent(is.probability)}, rank ${was.rank} -> ${is.rank}, logit ${short(was.logit)} -> ${short(is.logit)}`,
    );
  }
  return lines.join("\n");
}
