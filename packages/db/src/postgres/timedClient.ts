import pg from 'pg';

/** Called with the seconds that a statement took, from when it was sent to its answer. */
export type QueryObserver = (seconds: number) => void;

/** pg's client, which tells how long each statement took. */
export function timedClient(observe: QueryObserver): typeof pg.Client {
  return class TimedClient extends pg.Client {
    // pg's own overloads: it gives a promise, unless the last argument is a callback.
    override query(...args: unknown[]): never {
      const begin = performance.now();
      const done = () => observe((performance.now() - begin) / 1000);
      const callback = args.at(-1);
      if (typeof callback === 'function') {
        args[args.length - 1] = (...answer: unknown[]) => {
          done();
          callback(...answer);
        };
      }
      const answer: unknown = Reflect.apply(super.query, this, args);
      if (answer instanceof Promise) answer.then(done, done);
      return answer as never;
    }
  };
}
