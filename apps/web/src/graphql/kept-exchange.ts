import { type Exchange, fetchExchange, getOperationName, type Operation, type OperationResult } from "urql";
import { empty, filter, map, merge, onPush, pipe, share } from "wonka";

/** The longest unused go first. */
const MOST = 64;

/**
 * Keeps answers that never change as they came, and hands nothing of them on. A normalised cache takes the 10,000 numbers of a large head
 * map apart, and puts them together again for each reader, which takes longer than drawing them.
 * @param names of the queries, for whatever variables
 */
export const keptExchange =
  (names: ReadonlySet<string>): Exchange =>
  ({ client, dispatchDebug, forward }) => {
    const kept = new Map<number, OperationResult>();
    const fetched = fetchExchange({ client, dispatchDebug, forward: () => empty });
    const keep = (result: OperationResult) => {
      const { key } = result.operation;
      if (result.error) return;
      kept.delete(key);
      kept.set(key, result);
      if (kept.size > MOST) kept.delete(kept.keys().next().value!);
    };
    const isKept = (operation: Operation) => names.has(getOperationName(operation.query) ?? "");
    const isKnown = ({ kind, key, context }: Operation) =>
      kind === "query" && context.requestPolicy !== "network-only" && kept.has(key);
    return (operations) => {
      const shared = share(operations);
      const own = pipe(shared, filter(isKept), share);
      return merge([
        pipe(
          own,
          filter(isKnown),
          map((operation) => ({ ...kept.get(operation.key)!, operation })),
          onPush(keep),
        ),
        pipe(
          fetched(
            pipe(
              own,
              filter((operation) => !isKnown(operation)),
            ),
          ),
          onPush(keep),
        ),
        forward(
          pipe(
            shared,
            filter((operation) => !isKept(operation)),
          ),
        ),
      ]);
    };
  };
