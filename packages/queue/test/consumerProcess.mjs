// A consumer in a process of its own, for tests to kill. It says `began <entry>` and never ends what it handles.
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
