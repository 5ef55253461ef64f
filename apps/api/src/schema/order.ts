import { builder } from "./builder.ts";

const OrderDirection = builder.enumType("OrderDirection", {
  description: "Which end of a list comes first.",
  values: {
    ASC: { description: "Smallest, earliest, or first in the alphabet." },
    DESC: { description: "Largest, latest, or last in the alphabet." },
  } as const,
});

type Direction = "asc" | "desc";
interface OrderField<OrderBy> {
  description: string;
  /** What it means to the store; left out where the id, which grows with time, says it. */
  clause?: (direction: Direction) => OrderBy;
}

/**
 * The argument by which a list is ordered: an input type `<Of>Order` with one value of `<Of>OrderField` and a direction.
 * Equal entries stand in the order of their ids, so that pages never overlap.
 */
export function defineOrder<OrderBy extends object, Name extends string>(
  of: string,
  fields: Record<Name, OrderField<OrderBy>>,
) {
  const names = Object.keys(fields) as Name[];
  const Field = builder.enumType(`${of}OrderField`, {
    description: "What a list is ordered by.",
    values: Object.fromEntries(
      names.map((name) => [name, { description: fields[name].description }]),
    ) as Record<Name, { description: string }>,
  });
  const input = builder.inputType(`${of}Order`, {
    description: "How a list is ordered.",
    fields: (t) => ({
      by: t.field({ type: Field, required: true, description: "What by." }),
      direction: t.field({ type: OrderDirection, description: "Default ASC." }),
    }),
  });
  return {
    input,
    clauses: (given: { by: Name; direction?: "ASC" | "DESC" | null }) => {
      const direction: Direction = given.direction === "DESC" ? "desc" : "asc";
      const { clause } = fields[given.by];
      return [...(clause ? [clause(direction)] : []), { id: direction }] as (OrderBy | { id: Direction })[];
    },
  };
}
