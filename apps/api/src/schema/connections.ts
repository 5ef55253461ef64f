import { type GraphQLField, type GraphQLSchema, getNamedType, isInterfaceType, isObjectType } from "graphql";
import { ApiError } from "../errors.ts";
import { DEFAULT_PAGE, MAX_PAGE } from "./limits.ts";

const FIELDS: Record<string, string> = {
  edges: "The page.",
  pageInfo: "Where the page lies.",
  totalCount: "Number of all, on every page.",
  cursor: "Place in the list, for `after` and `before`.",
  node: "The thing itself.",
  hasNextPage: "Whether there is more after this page.",
  hasPreviousPage: "Whether there is more before this page.",
  startCursor: "Cursor of the page's first.",
  endCursor: "Cursor of the page's last.",
};
const ARGUMENTS: Record<string, string> = {
  first: "So many from the start.",
  last: "So many from the end.",
  after: "Only what comes after this cursor.",
  before: "Only what comes before this cursor.",
  id: "Opaque id.",
  ids: "Opaque ids.",
};

/** Describes what the relay plugin made, and refuses pages above the limit, which it would cut without a word. */
export function finishConnections(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isInterfaceType(type))
      for (const field of Object.values(type.getFields())) field.description ??= "Opaque id.";
    if (!isObjectType(type) || type.name.startsWith("__")) continue;
    if (type.name === "PageInfo") type.description ??= "Where a page lies in its list.";
    else if (type.name.endsWith("ConnectionEdge")) type.description ??= "One entry of a page.";
    else if (type.name.endsWith("Connection")) type.description ??= "A page of a list.";
    for (const field of Object.values(type.getFields())) {
      if (/Connection(?:Edge)?$|^PageInfo$/.test(type.name)) field.description ??= FIELDS[field.name];
      for (const argument of field.args) argument.description ??= ARGUMENTS[argument.name];
      if (getNamedType(field.type).name.endsWith("Connection")) limitPage(field);
    }
  }
  return schema;
}

function limitPage(field: GraphQLField<unknown, unknown>): void {
  const resolve = field.resolve!;
  // `edges` inside counts as ten, like any list.
  field.extensions = {
    ...field.extensions,
    complexity: ({ first, last }: Record<string, number | null | undefined>) => ({
      field: 1,
      multiplier: (first ?? last ?? DEFAULT_PAGE) / 10,
    }),
  };
  const most = (field.extensions.maxPage as number | undefined) ?? MAX_PAGE;
  field.resolve = (parent, args, context, info) => {
    for (const name of ["first", "last"]) {
      const size = args[name];
      if (size != null && (size < 0 || size > most))
        throw new ApiError("BAD_USER_INPUT", `${field.name}(${name}: ${size}): allowed are 0 to ${most}`);
    }
    return resolve(parent, args, context, info);
  };
}
