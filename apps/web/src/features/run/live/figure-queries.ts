/**
 * GraphQL that gives the numbers of one live figure and no others, with nothing left to fill in: what "Copy GraphQL" and "Copy cURL" put on the
 * clipboard.
 */
export interface PromptOfRun {
  run: string;
  prompt: number;
}
interface Head {
  layer: number;
  head: number;
}

const ofPrompt = ({ run, prompt }: PromptOfRun, fields: string): string => `{
  livePrompt(input: { run: ${JSON.stringify(run)}, prompt: ${prompt} }) {
    ${fields.trim().replaceAll("\n", "\n    ")}
  }
}`;
const listOf = (heads: readonly Head[]): string =>
  `[${heads.map(({ layer, head }) => `{ layer: ${layer}, head: ${head} }`).join(", ")}]`;

export const attentionQuery = (of: PromptOfRun, { layer, head }: Head): string =>
  ofPrompt(
    of,
    `
attention(layer: ${layer}, head: ${head}) {
  tokens { text }
  pattern
  valueWeighted
  valueNorms
}`,
  );

export const positionsQuery = (
  of: PromptOfRun,
  over: "HEADS_POSITIONS" | "LAYERS_POSITIONS",
  heads: readonly Head[] | null,
): string =>
  ofPrompt(
    of,
    `
patching(over: ${over}${heads ? `, heads: ${listOf(heads)}` : ""}) {
  positions
  rows { label layer effect noising denoising }
}`,
  );

export const flowQuery = (of: PromptOfRun, heads: readonly Head[]): string =>
  ofPrompt(
    of,
    `
flow(heads: ${listOf(heads)}) {
  clean
  corrupted
  edges { from to kind effect share }
}`,
  );
