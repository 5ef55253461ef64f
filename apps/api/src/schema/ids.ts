import { ApiError } from "../errors.ts";
import { isUuid } from "../uuid.ts";

/** Ids of the API: opaque, fit for addresses. */
export const encodeId = (typename: string, id: string): string =>
  Buffer.from(`${typename}:${id}`).toString("base64url");

/** @throws ApiError BAD_USER_INPUT for what is no id of this API */
export function decodeId(text: string): { typename: string; id: string } {
  const parts = parse(text);
  if (!parts) throw new ApiError("BAD_USER_INPUT", `id ${text}: not an id that this API has given`);
  return parts;
}

/** The plain id or key of a run that was given as API id, plain id or key. @throws ApiError BAD_USER_INPUT for an id of something else */
export const runIdOf = (text: string): string => plainIdOf("Run", text);

/** The plain id of what was given as API id; any other text as it is. @throws ApiError BAD_USER_INPUT for an id of something else */
export function plainIdOf(typename: string, text: string): string {
  const parts = parse(text);
  if (!parts) return text;
  if (parts.typename !== typename)
    throw new ApiError(
      "BAD_USER_INPUT",
      `id ${text}: belongs to a ${parts.typename} (allowed: the id of a ${typename})`,
    );
  return parts.id;
}

function parse(text: string): { typename: string; id: string } | null {
  const [typename, id, ...rest] = Buffer.from(text, "base64url").toString("utf8").split(":");
  const valid = typename && /^[A-Z]\w*$/.test(typename) && id && isUuid(id) && rest.length === 0;
  return valid ? { typename, id } : null;
}
