import pg from 'pg';

/** Called with the seconds that a statement took, from sending it to its result. */
export type QueryObserver = (seconds: number) => void;

/** The message of pg's error for an answer that did not come within `query_timeout`. */
const noAnswer = 'Query read timeout';

/** Ends a connection without waiting for the server: its other statements fail at once, and it emits `end`. */
export function destroyConnection(client: pg.Client): void {
  const { connection } = client as unknown as { connection: { stream: { destroy(error: Error): void } } };
  connection.stream.destroy(new Error(noAnswer));
}

/**
 * pg's client, which reports to `observe` how long each statement took, and ends its connection when an answer does not
 * come in time: after a network has silently lost the connection, no later statement would get one either.
 */
export function poolClient(observe: QueryObserver): typeof pg.Client {
  return class PoolClient extends pg.Client {
    // pg's own overloads: the last argument may be a callback; without one, it returns a promise.
    override query(...args: unknown[]): never {
      const begin = performance.now();
      const done = (error?: unknown) => {
        observe((performance.now() - begin) / 1000);
        if (error instanceof Error && error.message === noAnswer) destroyConnection(this);
      };
      const callback = args.at(-1);
      if (typeof callback === 'function') {
        args[args.length - 1] = (...result: unknown[]) => {
          done(result[0]);
          callback(...result);
        };
      }
      const result: unknown = Reflect.apply(super.query, this, args);
      if (result instanceof Promise) result.then(() => done(), done);
      return result as never;
    }
  };
}
