/**
 * An async iterator that is fed from outside. Unlike a generator it can be ended while a reader waits for the next value, so that
 * an unsubscribed client leaves nothing behind. A value equal to the newest one that still waits to be read is left out.
 * @param start begins the feeding; returns what ends it
 */
export function eventStream<T>(
  start: (feed: { push: (value: T) => void; end: () => void }) => () => void,
): AsyncIterableIterator<T> {
  const waiting: T[] = [];
  const readers: ((result: IteratorResult<T>) => void)[] = [];
  let ended = false;
  let stop = () => {};

  const push = (value: T) => {
    if (ended || (waiting.length > 0 && waiting.at(-1) === value)) return;
    const reader = readers.shift();
    if (reader) reader({ done: false, value });
    else waiting.push(value);
  };
  const end = () => {
    if (ended) return;
    ended = true;
    stop();
    for (const reader of readers.splice(0)) reader({ done: true, value: undefined });
  };
  stop = start({ push, end });

  const finish = async (): Promise<IteratorResult<T>> => {
    end();
    waiting.length = 0;
    return { done: true, value: undefined };
  };
  return {
    next: () => {
      if (waiting.length > 0) return Promise.resolve({ done: false, value: waiting.shift()! });
      if (ended) return Promise.resolve({ done: true, value: undefined });
      return new Promise((resolve) => readers.push(resolve));
    },
    return: finish,
    throw: async (error) => {
      await finish();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
