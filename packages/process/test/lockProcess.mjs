// Takes a lock several times and counts in a file under it. With `true` it kills itself the last time, while it has
// the lock.
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileLock } from '@trainyard/process';

const [file, counter, turns, dieHolding] = process.argv.slice(2);
for (let turn = 1; turn <= Number(turns); turn += 1) {
  const lock = await FileLock.wait(file);
  const count = Number(await readFile(counter, 'utf8'));
  await sleep(2);
  await writeFile(counter, String(count + 1));
  if (dieHolding === 'true' && turn === Number(turns)) process.kill(process.pid, 'SIGKILL');
  await lock.release();
}
