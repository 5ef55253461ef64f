import { setTimeout as pause } from "node:timers/promises";

export interface HubAccess {
  hubUrl: string;
  accessToken?: string;
  /** Milliseconds before a failed request is repeated for the first time; each further pause is twice as long. */
  retryDelay: number;
  /** Ends whatever is going on when the user cancels. */
  signal?: AbortSignal | undefined;
}

/** An answer of the hub that is no success. */
export class HubFailure extends Error {
  override name = "HubFailure";
  constructor(
    readonly status: number,
    /** The hub's own word for it (X-Error-Code): RepoNotFound, RevisionNotFound, EntryNotFound, GatedRepo. */
    readonly reason: string | null,
    /** Seconds after which the hub wants to be asked again. */
    readonly retryAfter: number | null,
  ) {
    super(`the hub answers ${status}${reason ? ` (${reason})` : ""}`);
  }
}

/** Repetitions of a request, or of a download that does not get ahead, before its failure counts. */
export const REPETITIONS = 4;
const PASSES_BY_ITSELF = new Set([408, 429, 500, 502, 503, 504]);
/** Asked to wait longer than this many seconds, the user should know. */
const LONGEST_WAIT = 60;

/**
 * A fetch that repeats what fails for a while, and gives the token to the hub's own address only.
 * @throws HubFailure for an answer that is neither success nor redirection, and whatever fetch throws
 */
export function hubFetch({ hubUrl, accessToken, retryDelay, signal }: HubAccess): typeof fetch {
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const headers = new Headers(init?.headers);
    // Not by way of the library, which knows the hub's own tokens only, and sends them wherever a link of the hub leads.
    if (accessToken && sameOrigin(url, hubUrl)) headers.set("authorization", `Bearer ${accessToken}`);
    const ends = [signal, init?.signal].filter((end) => end != null);
    for (let repetition = 0; ; repetition++) {
      const answer = await fetch(url, { ...init, headers, signal: AbortSignal.any(ends) }).catch(
        (error: unknown) => error,
      );
      if (answer instanceof Response && answer.status < 400) return answer;
      const failure = answer instanceof Response ? await failureOf(answer) : answer;
      const wait = (failure instanceof HubFailure && failure.retryAfter) || 0;
      if (repetition === REPETITIONS || wait > LONGEST_WAIT || !passesByItself(failure)) throw failure;
      await pause(Math.max(wait * 1000, retryDelay * 2 ** repetition), undefined, {
        signal: AbortSignal.any(ends),
      });
    }
  };
}

/** Whether a failure is worth another try: the network's hiccups and a busy hub are, a wrong name or an absent network are not. */
export function passesByItself(failure: unknown): boolean {
  if (failure instanceof HubFailure) return PASSES_BY_ITSELF.has(failure.status);
  // Of fetch, only failures of the connection are of this class; the reason is inside.
  if (!(failure instanceof TypeError)) return false;
  const code = (failure.cause as { code?: string } | undefined)?.code;
  return code !== "ECONNREFUSED" && code !== "ENOTFOUND" && !code?.startsWith("ERR_INVALID");
}

export const sameOrigin = (url: string, hubUrl: string): boolean =>
  new URL(url).origin === new URL(hubUrl).origin;

async function failureOf(response: Response): Promise<HubFailure> {
  await response.body?.cancel();
  const after = Number(response.headers.get("retry-after") ?? Number.NaN);
  return new HubFailure(
    response.status,
    response.headers.get("x-error-code"),
    Number.isFinite(after) ? after : null,
  );
}
