import { type LivePlaces, type LivePatching as PatchingResult, promptEffects } from "@recallscope/engine";
import { PATCHING, patchingOf, readPromptArrays } from "../results/prompt-arrays.ts";
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

async function storedEffects(
  { prisma }: Services,
  { runId, record, receipt }: LivePrompt,
): Promise<Omit<PatchingResult, "pair"> | null> {
  const patched = patchingOf(await readPromptArrays(prisma, runId, record!.index, PATCHING));
  if (!patched) return null;
  const { layers, heads } = receipt.model;
  return {
    ...patched,
    noising: Float32Array.from(patched.noising),
    denoising: Float32Array.from(patched.denoising),
    positions: [record!.tokens.length - 1],
    rows: Array.from({ length: layers * heads }, (_, i) => {
      const [layer, head] = [Math.floor(i / heads), i % heads];
      return { label: `L${layer}H${head}`, point: "attn.hook_z" as const, layer, head };
    }),
  };
}
