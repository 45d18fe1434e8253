// A consumer in its own process, for tests to kill. It prints `began <job>` and never finishes a delivery.
import { openQueue } from '@trainyard/queue';

const { lockMs, ...connection } = JSON.parse(process.argv[2]);
const queue = await openQueue(connection);
queue.consume(
  (delivery) => {
    process.stdout.write(`began ${delivery.jobId}\n`);
    return new Promise(() => {});
  },
  { concurrency: 1, lockMs },
);
