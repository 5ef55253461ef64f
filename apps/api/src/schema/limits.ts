/** Largest page of a connection, unless the field says otherwise. */
export const MAX_PAGE = 100;
export const DEFAULT_PAGE = 20;
export const MAX_PROMPTS_PAGE = 500;

/** What one operation may ask for; lists count as ten of their items, connections as their page. */
export const QUERY_LIMITS = { complexity: 100_000, depth: 14, breadth: 1_000 };
/** Fields of one document under another name: what lets it ask for the same thing again and again. */
export const MAX_ALIASES = 100;
/** Brackets within brackets of one document, in fields and in values. */
export const MAX_NESTING = 100;
/** Words and signs of one document. */
export const MAX_TOKENS = 6_000;
/** Bytes of a request. */
export const MAX_BODY = 256 * 1024;
/** Operations that one WebSocket may have under way. */
export const MAX_SOCKET_OPERATIONS = 100;
/** WebSockets that one token, or this machine's own user, may have open. */
export const MAX_SOCKETS = 1_000;
