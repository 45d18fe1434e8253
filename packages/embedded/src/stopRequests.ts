import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isatty } from 'node:tty';
import { stopRequested } from '@trainyard/process';

const pollMs = 500;

/** Resolves with the reason when the stack is asked to stop. From now on, signals no longer end the process. */
export function stackStopRequested(): Promise<string> {
  // `npm start` delivers one Ctrl-C twice, from the terminal and from npm: a second signal must not cut the stop short.
  const secondSignal = 'ignore';
  if (ignoresHangup()) {
    process.on('SIGHUP', () => {});
    return stopRequested({ signals: ['SIGINT', 'SIGTERM'], secondSignal });
  }
  const signal = stopRequested({ signals: ['SIGINT', 'SIGTERM', 'SIGHUP'], secondSignal });
  // `npx trainyard up` does not pass a signal on: npm ends, and its shell.
  return process.env.npm_command === undefined ? signal : Promise.race([signal, launcherEnded()]);
}

/**
 * Whether this process was started by nohup. Node.js resets an ignored SIGHUP when it starts, so the process itself
 * does not know: it shows in what shells write into `_`, in nohup's standard input (/dev/null, for writing only), and
 * in a shell between the two, which still ignores the signal.
 */
export function ignoresHangup(): boolean {
  if (path.basename(process.env._ ?? '') === 'nohup') return true;
  if (/^flags:\s*\d*1$/m.test(read('/proc/self/fdinfo/0')) && !isatty(0)) return true;
  const ignored = /^SigIgn:\s*[0-9a-f]*([0-9a-f])$/m.exec(read(`/proc/${process.ppid}/status`))?.[1] ?? '0';
  return (Number.parseInt(ignored, 16) & 1) === 1;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Resolves when the process that started this one has ended. */
function launcherEnded(): Promise<string> {
  const launcher = process.ppid;
  return new Promise((resolve) => {
    const poll = setInterval(() => {
      if (process.ppid === launcher) return;
      clearInterval(poll);
      resolve('npm ended');
    }, pollMs).unref();
  });
}
