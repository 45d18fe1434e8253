// A service for the tests of shutdown: prints `ready`, then the steps of its shutdown and what it logs.
import { setTimeout as sleep } from 'node:timers/promises';
import { shutDownOnSignal } from '@trainyard/process';

const { deadlineMs, secondSignal, lastStepMs, beginWith } = JSON.parse(process.argv[2]);
const print = (text) => process.stdout.write(`${text}\n`);
setInterval(() => {}, 1000);
const shutdown = shutDownOnSignal({
  steps: [
    async () => print('first'),
    async () => {
      print('second');
      throw new Error('its server is gone');
    },
    async () => {
      print('third');
      await sleep(lastStepMs);
      print('closed');
    },
  ],
  deadlineMs,
  secondSignal,
  logger: {
    info: ({ reason }, message) => print(`info: ${message}: ${reason}`),
    warn: ({ err }) => print(`warn: ${err.message}`),
  },
});
print('ready');
if (beginWith !== undefined) shutdown.begin('uncaught exception', beginWith);
