import { EngineError } from "../errors.ts";
import { checkPass } from "../planner/check-pass.ts";
import { execute } from "../planner/execute.ts";
import type { ForwardPass, Knockout } from "../planner/forward-pass.ts";
import {
  LIVE_PASSES,
  type LiveEdit,
  livePasses,
  readLive,
  readTokens,
  type TokenReading,
  withoutIdentities,
} from "../sweeps/live.ts";
import type { OpenModel } from "./open-model.ts";
import { oneToken, type PromptInput, promptTokens, type TokenInput } from "./sweep-input.ts";

export interface InterventionRequest {
  model: string;
  prompt: PromptInput;
  /** Prompt whose values edits may take. */
  source?: PromptInput;
  edits: readonly LiveEdit[];
  knockouts?: readonly Knockout[];
  answer?: TokenInput;
  /** How many of the likeliest tokens are wanted, 1 to 100. */
  top: number;
}

/** A token as a person should see it, and where it stands. */
export type ShownReading = TokenReading & { text: string };

export interface Readings {
  top: ShownReading[];
  answer: ShownReading | null;
}

/** A token that is among the likeliest before or after the changes. */
export interface ComparedToken {
  token: number;
  text: string;
  before: TokenReading;
  after: TokenReading;
}

export interface InterventionResult {
  tokens: { id: number; text: string }[];
  before: Readings;
  after: Readings;
  /** The likeliest tokens of both, and the answer, by their probability after the changes. */
  compared: ComparedToken[];
}

/** What a prompt is continued with before and after some changes: a handful of passes, for answers while someone waits. */
export async function intervene(
  { session, tokenizer }: OpenModel,
  request: InterventionRequest,
  signal?: AbortSignal,
): Promise<InterventionResult> {
  const { edits, knockouts, top, source } = request;
  if (!Number.isInteger(top) || top < 1 || top > 100)
    throw new EngineError("BAD_INPUT", `top tokens: ${top} (allowed: 1 to 100)`);
  const tokens = promptTokens(request.prompt, tokenizer);
  const { vocabulary } = session.spec.facts;
  const answer = request.answer === undefined ? undefined : oneToken(request.answer, "answer", tokenizer);
  if (answer !== undefined && (!Number.isInteger(answer) || answer < 0 || answer >= vocabulary))
    throw new EngineError("BAD_INPUT", `answer: token ${answer} (allowed: 0 to ${vocabulary - 1})`);
  if (source === undefined && edits.some(({ value }) => value && "source" in value))
    throw new EngineError("BAD_INPUT", "edits: a value is taken from the source prompt, and none is given");
  const live = {
    tokens,
    edits,
    top,
    ...(knockouts && { knockouts }),
    ...(source !== undefined && { source: promptTokens(source, tokenizer) }),
    ...(answer !== undefined && { answer }),
  };
  const [before, after] = await changed(session, livePasses(live), signal);
  const show = (reading: TokenReading): ShownReading => ({
    ...reading,
    text: tokenizer.tokenText(reading.token),
  });
  const readings = (result: typeof before): Readings => {
    const own = readLive(result!, live);
    return { top: own.top.map(show), answer: own.answer && show(own.answer) };
  };
  const [was, is] = [readings(before), readings(after)];
  const seen = [...was.top, ...is.top, ...(was.answer ? [was.answer] : [])].map(({ token }) => token);
  const union = [...new Set(seen)];
  const [unionBefore, unionAfter] = [readTokens(before!, union), readTokens(after!, union)];
  const compared = union.map(
    (token, i): ComparedToken => ({
      token,
      text: tokenizer.tokenText(token),
      before: unionBefore[i]!,
      after: unionAfter[i]!,
    }),
  );
  return {
    tokens: tokens.map((id) => ({ id, text: tokenizer.tokenText(id) })),
    before: was,
    after: is,
    compared: compared.sort((a, b) => b.after.logit - a.after.logit || a.token - b.token),
  };
}

/** What is no change is left out of the run, but not of the checks. */
async function changed(session: OpenModel["session"], passes: readonly ForwardPass[], signal?: AbortSignal) {
  try {
    for (const [index, pass] of passes.entries()) checkPass(pass, index, passes, session.spec.facts);
    return await execute(session, withoutIdentities(passes), { ...(signal && { signal }) });
  } catch (error) {
    throw inWords(error);
  }
}

/** The planner counts passes; who asked knows of prompts. */
function inWords(error: unknown): unknown {
  if (!(error instanceof EngineError)) return error;
  const message = error.message.replace(/\bpass ([012])\b/g, (_, pass) => LIVE_PASSES[Number(pass)]!);
  return new EngineError(error.code, message, { cause: error });
}
