import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { waitForEnd } from '@trainyard/test-kit/service';
import { expect, it } from 'vitest';
import { run } from '../packaging/support.js';
import { python } from './support/replica.js';
import { specOf, useService } from './support/service.js';

const page = fileURLToPath(new URL('../../docs/formats.md', import.meta.url));

/** What a user adds to the lines of the page: counts the test images that are classified correctly. */
const count = `
from safetensors.torch import load_file
data = load_file("images.safetensors")
print(int((logits(data["test/images"]).argmax(1) == data["test/labels"]).sum()))
`;

it('gives the stored test accuracy with the lines of the documentation', async () => {
  const service = await useService();
  const { client, folder } = service;
  const { id } = await client.submit(specOf({ architecture: 'lenet', learningRate: 0.05, batchSize: 5 }));
  await waitForEnd(client, id);
  const { stream } = await client.download(id, 'best', 'safetensors');
  await writeFile(path.join(folder, 'lenet.safetensors'), await buffer(stream));
  const lines = /```python\n([^`]*lenet\.safetensors[^`]*)```/.exec(await readFile(page, 'utf8'))?.[1];
  if (lines === undefined) throw new Error(`${page} has no Python that reads lenet.safetensors`);
  await writeFile(path.join(folder, 'test.py'), lines + count);
  const { correct, accuracy } = await client.results(id);
  console.log(`PyTorch with the lines of docs/formats.md: ${(100 * accuracy).toFixed(1)} % as in the service`);
  expect(Number(await run(python(), ['test.py'], folder))).toBe(correct);
  // Guessing has 0.2.
  expect(accuracy).toBeGreaterThan(0.4);
});
