import { type LivePlaces, type LivePatching as PatchingResult, promptEffects } from "@recallscope/engine";
import type { RunArray } from "../generated/prisma/client.ts";
import { arrayOf } from "../results/read-report.ts";
import type { Services } from "../services.ts";
import { checkPlace, type LivePrompt, pairOfPrompt } from "./live-prompt.ts";

export interface PromptPatching extends Omit<PatchingResult, "pair"> {
  /** Null for numbers that the run stored, which has no tokens of the counterfactual. */
  pair: PatchingResult["pair"] | null;
  source: "STORED" | "COMPUTED";
  over: LivePlaces;
  effects: ReturnType<typeof promptEffects>;
}

/** Effects of patching one prompt: those that the run stored where it has them, else computed. */
export async function patchPrompt(
  services: Services,
  prompt: LivePrompt,
  over: LivePlaces,
  heads: readonly { layer: number; head: number }[] | null,
): Promise<PromptPatching> {
  const pair = pairOfPrompt(prompt, "patching");
  for (const head of heads ?? []) checkPlace(prompt, "head", head);
  const stored = over === "HEADS" && heads === null ? await storedEffects(services, prompt) : null;
  if (stored) return { ...stored, pair: null, source: "STORED", over, effects: promptEffects(stored) };
  const found = await prompt.ask("patching", { pair, over, ...(heads && { heads }) });
  return { ...found, source: "COMPUTED", over, effects: promptEffects(found) };
}

const ARRAYS = ["clean", "corrupted", "noising", "denoising"] as const;

async function storedEffects(
  { prisma }: Services,
  { runId, record, receipt }: LivePrompt,
): Promise<Omit<PatchingResult, "pair"> | null> {
  const rows: RunArray[] = await prisma.runArray.findMany({
    where: { runId, name: { in: ARRAYS.map((name) => `patching.${name}`) } },
  });
  const { layers, heads } = receipt.model;
  const values = (name: (typeof ARRAYS)[number]): Float32Array | null => {
    const row = rows.find((own) => own.name === `patching.${name}`);
    if (!row) return null;
    const { axes, values: all } = arrayOf(row);
    const at = axes[0]!.labels.indexOf(String(record!.index));
    const size = all.length / axes[0]!.labels.length;
    return at < 0 ? null : all.slice(at * size, (at + 1) * size);
  };
  const [clean, corrupted, noising, denoising] = ARRAYS.map(values);
  if (!clean || !corrupted || !noising || !denoising) return null;
  return {
    clean: clean[0]!,
    corrupted: corrupted[0]!,
    noising,
    denoising,
    positions: [record!.tokens.length - 1],
    rows: Array.from({ length: layers * heads }, (_, i) => {
      const [layer, head] = [Math.floor(i / heads), i % heads];
      return { label: `L${layer}H${head}`, point: "attn.hook_z" as const, layer, head };
    }),
  };
}
