import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { Refusal } from "./refusal.ts";

const MINUTE_S = 60;
/** Requests without a valid token that one address may make in a minute. Valid ones do not count and are not held up. */
export const FAILURES_PER_MINUTE = 30;

/** What live answers may cost whom. */
export interface LiveLimits {
  /** @param points what the question costs, in interventions. @throws Refusal RATE_LIMITED */
  live(actor: string, points: number): Promise<void>;
}

export interface RateLimits {
  /** Counts a request of a token. @throws Refusal RATE_LIMITED */
  request(token: string): Promise<void>;
  /** Counts a request that was not let in. @throws Refusal RATE_LIMITED */
  failure(address: string): Promise<void>;
}

/** Counts within this process: several servers on one PostgreSQL count each for itself. */
export function rateLimits(perMinute: number): RateLimits {
  const requests = new RateLimiterMemory({ points: perMinute, duration: MINUTE_S });
  const failures = new RateLimiterMemory({ points: FAILURES_PER_MINUTE, duration: MINUTE_S });
  return {
    request: async (token) => {
      if (perMinute > 0) await spend(requests, token, "too many requests with this token");
    },
    failure: (address) => spend(failures, address, "too many requests without a valid token"),
  };
}

/** Whoever it is, this machine's own user too: what live answers take is taken from runs. @param perMinute 0: any number */
export function liveLimits(perMinute: number): LiveLimits {
  const questions = new RateLimiterMemory({ points: perMinute, duration: MINUTE_S });
  return {
    live: async (actor, points) => {
      if (perMinute > 0) await spend(questions, actor, "too many live questions", points);
    },
  };
}

async function spend(limiter: RateLimiterMemory, key: string, what: string, points = 1): Promise<void> {
  try {
    await limiter.consume(key, points);
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    const seconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000));
    throw new Refusal(
      "RATE_LIMITED",
      `${what} (allowed: ${limiter.points} in a minute): ask again in ${seconds} s`,
      { "Retry-After": String(seconds) },
    );
  }
}
