import { cannotMount, eventually, useSmallDisk } from '@trainyard/test-kit';
import { createHome, quickSpec, startEmbedded, waitForEnd } from '@trainyard/test-kit/service';
import { expect, it, onTestFinished } from 'vitest';

const name = 'trainyard up goes on when its disk is full, and works when there is space again';
it.skipIf(cannotMount)(`${name}${cannotMount ? `; ${cannotMount}` : ''}`, async () => {
  const disk = await useSmallDisk('400m');
  const home = await createHome('home', disk.folder);
  const stack = await startEmbedded(home);
  onTestFinished(() => stack.stop());
  const isReady = () =>
    fetch(`${stack.url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  const free = await disk.fill();
  await eventually('the end of readiness', async () => !(await isReady()), 60_000);
  expect(stack.up.ended).toBe(false);
  await free();
  await eventually('readiness', isReady, 120_000);
  const { id } = await stack.client.submit(quickSpec);
  expect(await waitForEnd(stack.client, id)).toMatchObject({ state: 'succeeded' });
  expect(await stack.up.end('SIGTERM')).toBe(0);
});
