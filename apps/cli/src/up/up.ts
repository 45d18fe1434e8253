import type { Config } from '@trainyard/config';
import { startStack } from './stack.js';

/** Runs the stack until SIGINT, SIGTERM or SIGHUP; resolves when all has stopped. A second Ctrl-C changes nothing. */
export async function up(config: Config, say: (line: string) => void = console.log): Promise<void> {
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, resolve);
  });
  say(`Trainyard starts in ${config.home}`);
  const stack = await startStack({ config, say });
  say(`It listens on ${stack.url}; the API is described at ${stack.url}/docs`);
  say(`Its key is in ${config.credentialsFile}, where the command line finds it; logs are in ${config.folders.logs}`);
  say('Ctrl-C stops it; a job under way is handed back and goes on at the next start.');
  await stopped;
  say('Stopping: the worker hands its job back ...');
  await stack.stop();
  say('Stopped.');
}
