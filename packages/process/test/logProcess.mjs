// Logs as fast as it can, sends its parent a message after each round, and ends at SIGTERM.
import { setTimeout as sleep } from 'node:timers/promises';
import { shutDownOnSignal } from '@trainyard/process';
import { createLogger, standardError } from '@trainyard/process/telemetry';

const [output, pauseMs] = process.argv.slice(2);
const logger = createLogger('info', { process: 'test' }, output === 'stderr' ? standardError() : undefined);
shutDownOnSignal({ steps: [], deadlineMs: 5000, secondSignal: 'ignore', logger });
process.stdout.write('not a line of the log\n');
for (let line = 1; ; line++) {
  for (let i = 0; i < 20; i++) logger.info({ line, text: 'x'.repeat(200) }, 'a line');
  process.send?.({ line });
  await sleep(Number(pauseMs));
}
