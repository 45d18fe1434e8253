import { signInLink } from './signInLink.js';
import { type StackOptions, startStack } from './stack.js';
import { stackStopRequested } from './stopRequests.js';

/** Runs the stack until SIGINT, SIGTERM or SIGHUP; resolves when all processes have ended. */
export async function runStack(options: StackOptions): Promise<void> {
  const { print, settings } = options;
  const stopping = new AbortController();
  const stop = stackStopRequested().then((reason) => {
    stopping.abort();
    return reason;
  });
  print(`Starting Trainyard in ${settings.home}`);
  const stack = await startStack({ ...options, signal: stopping.signal }).catch((error: unknown) => {
    if (stopping.signal.aborted) return null;
    throw error;
  });
  if (stack === null) return print(`Stopped (${await stop}) during the start.`);
  if (settings.databaseUrl !== null) print('It uses the database in DATABASE_URL, and runs no Postgres of its own');
  print(`Trainyard listens on ${stack.url}; the API is described at ${stack.url}/docs`);
  const link = await signInLink(stack, settings.publicUrl);
  if (link !== null) print(`The dashboard, by a link that signs in once, in the next ten minutes: ${link}`);
  print(`The command line reads its API key from ${settings.credentialsFile}; logs are in ${settings.folders.logs}`);
  print('Ctrl-C stops it; a running job is handed back and continues at the next start.');
  print(`Stopping (${await stop}): waiting for the worker to hand its job back ...`);
  await stack.stop();
  print('Stopped.');
}
