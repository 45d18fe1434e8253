import type { Logger } from './logger.js';

/*
 * Graceful shutdown. The package close-with-grace was considered: it always exits at the second signal, which `npm
 * start` rules out (a terminal's Ctrl-C arrives there twice, once from the terminal and once from npm); it does not
 * watch the parent process; and it runs one function where a service closes several things in order, each even when
 * the one before failed. With these added around it, it would be longer than what follows.
 */

export interface StopOptions {
  signals?: readonly NodeJS.Signals[];
  /** What a second signal does: nothing, or end the process at once as an unhandled signal does. */
  secondSignal: 'ignore' | 'force';
}

/**
 * Resolves at the first signal, or when the parent process that forked this one is gone, with the name of what
 * happened. From this call on, the signals no longer end the process by themselves.
 */
export function stopRequested({ signals = ['SIGTERM', 'SIGINT'], secondSignal }: StopOptions): Promise<string> {
  return new Promise((resolve) => {
    const onDisconnect = () => stop('parent process ended');
    const stop = (reason: string) => {
      // A listener of `disconnect` keeps the process alive while its parent lives.
      process.off('disconnect', onDisconnect);
      if (secondSignal === 'force') for (const signal of signals) process.off(signal, stop);
      resolve(reason);
    };
    for (const signal of signals) process.on(signal, stop);
    if (process.send) process.on('disconnect', onDisconnect);
  });
}

export interface ShutdownOptions extends StopOptions {
  /** Run one after the other; a step that fails is logged, and the next runs all the same. */
  steps: readonly (() => Promise<unknown>)[];
  /** Milliseconds after which the process exits with code 1, whatever still hangs. */
  deadlineMs: number;
  logger: Logger;
}

export interface Shutdown {
  /** Begins the shutdown for another reason than a signal. While one is under way, only a higher exit code counts. */
  begin(reason: string, exitCode: number): void;
}

/** Closes a service in order at the first signal or when its parent process ends, and then exits with code 0. */
export function shutDownOnSignal({ steps, deadlineMs, logger, ...stopOptions }: ShutdownOptions): Shutdown {
  let exitCode: number | null = null;
  const begin = (reason: string, code: number) => {
    const begun = exitCode !== null;
    exitCode = Math.max(exitCode ?? 0, code);
    if (begun) return;
    logger.info({ reason }, 'shutting down');
    setTimeout(() => process.exit(1), deadlineMs).unref();
    void closeAll(steps, logger).then(() => process.exit(exitCode ?? code));
  };
  void stopRequested(stopOptions).then((reason) => begin(reason, 0));
  return { begin };
}

async function closeAll(steps: ShutdownOptions['steps'], logger: Logger): Promise<void> {
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      logger.warn({ err: error }, 'could not close a connection or service; going on with the shutdown');
    }
  }
}
