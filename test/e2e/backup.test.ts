import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { createHome, type Home, outcomeOf, quickSpec, startEmbedded, waitForEnd } from '@trainyard/test-kit/service';
import { afterAll, beforeAll, expect, it } from 'vitest';

let home: Home;
let restored: string;
beforeAll(async () => {
  home = await createHome();
  restored = `${home.folder}-restored`;
});
afterAll(async () => {
  await home?.remove();
  await rm(restored, { recursive: true, force: true });
});

it('a stack that starts on a copy of a stopped home has its job, its results and its files', async () => {
  const first = await startEmbedded(home);
  const { id } = await first.client.submit(quickSpec);
  expect((await waitForEnd(first.client, id)).state).toBe('succeeded');
  const outcome = await outcomeOf(first.client, id);
  await first.stop();

  await promisify(execFile)('cp', ['-a', home.folder, restored]);
  const second = await startEmbedded({ ...home, folder: restored });
  try {
    expect(second.apiKey).toBe(first.apiKey);
    expect(await outcomeOf(second.client, id)).toEqual(outcome);
    const { stream, sha256 } = await second.client.download(id, 'best', 'safetensors');
    const hash = createHash('sha256');
    for await (const part of stream) hash.update(part);
    expect(hash.digest('hex')).toBe(sha256);
    const next = await second.client.submit({ ...quickSpec, epochs: 1 });
    expect((await waitForEnd(second.client, next.id)).state).toBe('succeeded');
  } finally {
    await second.stop();
  }
});
