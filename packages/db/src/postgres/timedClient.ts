import pg from 'pg';

/** Called with the seconds that a statement took, from sending it to its result. */
export type QueryObserver = (seconds: number) => void;

/** pg's client, which reports to `observe` how long each statement took. */
export function timedClient(observe: QueryObserver): typeof pg.Client {
  return class TimedClient extends pg.Client {
    // pg's own overloads: the last argument may be a callback; without one, it returns a promise.
    override query(...args: unknown[]): never {
      const begin = performance.now();
      const done = () => observe((performance.now() - begin) / 1000);
      const callback = args.at(-1);
      if (typeof callback === 'function') {
        args[args.length - 1] = (...result: unknown[]) => {
          done();
          callback(...result);
        };
      }
      const result: unknown = Reflect.apply(super.query, this, args);
      if (result instanceof Promise) result.then(done, done);
      return result as never;
    }
  };
}
