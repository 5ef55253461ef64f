import { type ASTVisitor, GraphQLError, Lexer, Source, TokenKind, type ValidationContext } from "graphql";
import { ApiError } from "../errors.ts";
import { MAX_ALIASES, MAX_NESTING, MAX_TOKENS } from "./limits.ts";

const OPENING = new Set<TokenKind>([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSING = new Set<TokenKind>([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/**
 * Refuses a document whose brackets are nested so deep that the parser, which calls itself for each, would run out of stack. What is no
 * GraphQL at all is left to the parser, which says so better.
 * @throws ApiError QUERY_TOO_COMPLEX
 */
export function refuseNesting(text: string): void {
  const lexer = new Lexer(new Source(text));
  let depth = 0;
  try {
    for (let count = 0; count < MAX_TOKENS && lexer.advance().kind !== TokenKind.EOF; count++) {
      if (OPENING.has(lexer.token.kind)) depth++;
      else if (CLOSING.has(lexer.token.kind)) depth--;
      if (depth > MAX_NESTING) break;
    }
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return;
  }
  if (depth > MAX_NESTING)
    throw new ApiError(
      "QUERY_TOO_COMPLEX",
      `query: brackets nested more than ${MAX_NESTING} deep (allowed: up to ${MAX_NESTING})`,
    );
}

/** A rule of validation: the limits on complexity see what a field costs, but not that its answer is worked out again under each name. */
export function limitAliases(context: ValidationContext): ASTVisitor {
  let count = 0;
  return {
    Field: ({ alias }) => {
      if (alias) count++;
    },
    Document: {
      leave: () => {
        if (count > MAX_ALIASES)
          context.reportError(new GraphQLError("too many aliases", { originalError: tooManyAliases(count) }));
      },
    },
  };
}

const tooManyAliases = (count: number) =>
  new ApiError(
    "QUERY_TOO_COMPLEX",
    `query: ${count} aliases (allowed: up to ${MAX_ALIASES}): ask in several requests, or for several things by \`nodes(ids)\``,
  );
