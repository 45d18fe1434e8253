import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { TrainyardError } from '@trainyard/contracts';
import { timeLimit } from '@trainyard/process';
import { endProcess, hasEnded } from './childProcess.js';
import { LogFile } from './logFile.js';
import { reasonOf } from './logReason.js';
import type { ProcessSpec } from './supervisedProcess.js';

const readySeconds = 60;
/** A worker hands its job back within 15 s; one that takes longer hangs. */
const stopSeconds = 20;

interface ServiceOptions {
  /** `api` or `worker`; also in messages. */
  name: string;
  /** The script, as a `file:` URL. */
  entry: string;
  env: NodeJS.ProcessEnv;
  logFile: string;
  /** Ends the wait until the process is ready. */
  signal?: AbortSignal | undefined;
}

/** A Node.js process of this repository, which sends its parent a message when it is ready. */
export function serviceProcess({ name, entry, env, logFile, signal }: ServiceOptions): ProcessSpec {
  const stop = (child: ChildProcess) => endProcess(child, 'SIGTERM', stopSeconds);
  return {
    name,
    stop,
    async start() {
      const log = await LogFile.open(logFile);
      // Outside the terminal's process group: Ctrl-C must not end the services in arbitrary order. If this process is
      // killed, the IPC channel closes, and the services end by themselves.
      const child = fork(new URL(entry), { env, detached: true, stdio: ['ignore', log.fd, log.fd, 'ipc'] });
      await log.close();
      if (await becomesReady(child, signal)) return child;
      const reason = hasEnded(child) ? reasonOf(await log.tail(8000)) : `it was not ready within ${readySeconds} s`;
      await stop(child);
      throw new TrainyardError('unavailable', `the ${name} did not start: ${reason} (its log: ${logFile})`);
    },
  };
}

/** @returns false when the process ends, sends no message within `readySeconds`, or is not wanted any more. */
async function becomesReady(child: ChildProcess, stopping?: AbortSignal): Promise<boolean> {
  const over = new AbortController();
  const timeout = timeLimit(readySeconds * 1000);
  const signal = AbortSignal.any([over.signal, timeout, ...(stopping ? [stopping] : [])]);
  const ready = once(child, 'message', { signal }).then(() => true);
  const ended = once(child, 'exit', { signal }).then(() => false);
  const answer = await Promise.race([ready, ended]).catch(() => false);
  over.abort();
  await Promise.allSettled([ready, ended]);
  return answer;
}
