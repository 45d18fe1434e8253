import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type LabelledImages, writePacked } from '@trainyard/datasets';
import { createHome, type EmbeddedStack, startEmbedded } from '@trainyard/test-kit/service';
import { onTestFinished } from 'vitest';

const side = 32;

function images(count: number): LabelledImages {
  const pixels = Uint8Array.from({ length: count * side * side * 3 }, (_, index) => (index * 31) % 256);
  return { images: pixels, labels: Int32Array.from({ length: count }, (_, index) => index % 10) };
}

interface FuzzedService extends EmbeddedStack {
  /** The lines of the API's log about requests that failed inside. */
  errors(): Promise<string[]>;
}

/** A service whose default dataset is so small that every job which is drawn trains in a moment. */
export async function useFuzzedService(): Promise<FuzzedService> {
  const home = await createHome();
  onTestFinished(() => home.remove());
  const file = path.join(home.folder, 'datasets/cifar10/1.packed');
  await mkdir(path.dirname(file), { recursive: true });
  await writePacked(file, {
    name: 'cifar10',
    version: 1,
    classes: Array.from({ length: 10 }, (_, label) => `class ${label}`),
    imageShape: [side, side, 3],
    source: 'generated',
    train: images(200),
    test: images(10),
  });
  const stack = await startEmbedded(home, {
    TRAINYARD_REQUESTS_PER_MINUTE: '0',
    // The hooks of the tests lead each URL to this machine.
    TRAINYARD_ALLOW_PRIVATE_URLS: 'true',
  });
  onTestFinished(() => stack.stop());
  return {
    ...stack,
    async errors() {
      const lines = (await readFile(path.join(home.folder, 'logs/api.log'), 'utf8')).split('\n');
      return lines.filter((line) => line.includes('"level":50'));
    },
  };
}
