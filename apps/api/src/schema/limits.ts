/** Largest page of a connection, unless the field says otherwise. */
export const MAX_PAGE = 100;
export const DEFAULT_PAGE = 20;
export const MAX_PROMPTS_PAGE = 500;

/** What one operation may ask for; lists count as ten of their items, connections as their page. */
export const QUERY_LIMITS = { complexity: 100_000, depth: 14, breadth: 1_000 };
/** Words and signs of one document. */
export const MAX_TOKENS = 6_000;
export const MAX_BODY = "256kb";
