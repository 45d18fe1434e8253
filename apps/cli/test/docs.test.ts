import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { formatEpochCurves } from '../src/format/epochs.js';
import { makeEpoch } from './support/samples.js';

it('docs/api.md has the charts of `trainyard results` as they are drawn now', async () => {
  const epochs = Array.from({ length: 30 }, (_, i) => {
    const course = (start: number, end: number) => end + (start - end) / (1 + i / 4);
    return makeEpoch({
      epoch: i + 1,
      trainLoss: course(2.1, 0.3),
      trainAccuracy: course(0.25, 0.95),
      validationLoss: course(1.9, 0.5) + Math.max(0, i - 18) * 0.012,
      validationAccuracy: course(0.32, 0.85),
    });
  });
  const charts = formatEpochCurves(epochs, { width: 78, unicode: true });
  const document = await readFile(new URL('../../../docs/api.md', import.meta.url), 'utf8');
  const text = ['```', ...charts.slice(1), '```'].join('\n');
  expect(document.includes(text), `docs/api.md lacks:\n${text}`).toBe(true);
});
