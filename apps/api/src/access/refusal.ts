import { ApiError, type ApiErrorCode } from "../errors.ts";

const STATUS = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  ORIGIN_NOT_ALLOWED: 403,
  RATE_LIMITED: 429,
} as const satisfies Partial<Record<ApiErrorCode, number>>;

/** A request that is not answered because of who makes it, or how often. */
export class Refusal extends ApiError {
  override name = "Refusal";
  readonly status: number;
  /** Thrown by a resolver, it decides the status of the whole answer. */
  readonly extensions: { code: string; http: { status: number } };
  constructor(
    code: keyof typeof STATUS,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(code, message);
    this.status = STATUS[code];
    this.extensions = { code, http: { status: this.status } };
  }
}

export const forbidden = (message: string) => new Refusal("FORBIDDEN", message);
