"use client";
import { useCallback, useEffect, useRef, useState } from "react";
import { type AnyVariables, type CombinedError, type TypedDocumentNode, useClient } from "urql";

export interface Latest<Data, Variables> {
  data: Data | undefined;
  /** The variables that `data` answers: while the newest are on their way, older ones. */
  answered: Variables | undefined;
  error: CombinedError | undefined;
  /** A question is under way, or waits for the one that is. */
  busy: boolean;
  /** From asking to the answer that is shown, milliseconds. */
  milliseconds: number | null;
}

/**
 * Asks for the newest variables, one question at a time: while one is under way only the newest of those that come meanwhile is kept, so that answers
 * follow a slider as fast as the server gives them, in the order of the questions, and an old one never takes the place of a newer one.
 */
export function useLatest<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables | null,
): Latest<Data, Variables> & { retry: () => void } {
  const client = useClient();
  const [state, setState] = useState<Omit<Latest<Data, Variables>, "busy">>({
    data: undefined,
    answered: undefined,
    error: undefined,
    milliseconds: null,
  });
  const next = useRef<Variables | null>(null);
  const running = useRef<{ unsubscribe: () => void } | null>(null);

  const ask = useCallback(
    (asked: Variables) => {
      next.current = null;
      const begun = performance.now();
      let answered = false;
      const source = client.query(query, asked, { requestPolicy: "network-only" });
      const subscription = source.subscribe(({ data, error, stale }) => {
        if (stale) return;
        answered = true;
        // One answer to a question: the cache would send others when something else changes.
        running.current?.unsubscribe();
        running.current = null;
        // What was shown stays when a question fails: the error stands beside it.
        setState((before) =>
          error
            ? { ...before, error }
            : { data, answered: asked, error: undefined, milliseconds: performance.now() - begun },
        );
        if (next.current) ask(next.current);
      });
      if (answered) subscription.unsubscribe();
      else running.current = subscription;
    },
    [client, query],
  );

  const wanted = variables === null ? null : JSON.stringify(variables);
  useEffect(() => {
    if (wanted === null) return;
    const asked = JSON.parse(wanted) as Variables;
    if (running.current) next.current = asked;
    else ask(asked);
  }, [wanted, ask]);
  useEffect(
    () => () => {
      // Without anyone who waits the server stops, too.
      running.current?.unsubscribe();
      running.current = null;
      next.current = null;
    },
    [],
  );
  const busy = wanted !== null && state.error === undefined && JSON.stringify(state.answered) !== wanted;
  return { ...state, busy, retry: () => variables && ask(variables) };
}
