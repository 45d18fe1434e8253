import type { EpochMetrics, TestResults } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import { encodeTensorBoard } from '../../src/index.js';
import { crc32c } from '../../src/tensorboard/records.js';

/** The events of a file, each record's checksums compared: masked as TensorFlow's `crc32c::Unmask` expects. */
function records(file: Buffer): Buffer[] {
  const found: Buffer[] = [];
  const unmask = (masked: number) => {
    const rotated = (masked - 0xa282ead8) >>> 0;
    return ((rotated >>> 17) | (rotated << 15)) >>> 0;
  };
  for (let at = 0; at < file.byteLength; ) {
    const length = Number(file.readBigUInt64LE(at));
    const data = file.subarray(at + 12, at + 12 + length);
    expect(unmask(file.readUInt32LE(at + 8))).toBe(crc32c(file.subarray(at, at + 8)));
    expect(unmask(file.readUInt32LE(at + 12 + length))).toBe(crc32c(data));
    found.push(data);
    at += length + 16;
  }
  return found;
}

it('CRC-32C is that of RFC 3720', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  // Appendix B.4: 32 bytes of zeros.
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
});

it('an event file has the version, the settings, each epoch, the test and the end', () => {
  const epoch = (number: number) =>
    ({ epoch: number, trainLoss: 1, validationLoss: 1, trainSeconds: 5, validationSeconds: 1 }) as EpochMetrics;
  const results = { epoch: 2, loss: 1, accuracy: 0.5, macroF1: null, classes: [{ class: 'cat', recall: null }] };
  const job = { id: 'job_1', name: 'a "name"', state: 'failed' as const, createdAt: '2026-11-23T22:00:00Z' };
  const spec = { seed: 7, ema: null, layers: [{ type: 'dense' }], optimizer: { type: 'sgd', nesterov: true } };
  const file = encodeTensorBoard({
    job: { ...job, startedAt: '2026-11-23T22:00:10Z', finishedAt: '2026-11-23T22:01:00Z', spec: spec as never },
    epochs: [epoch(1), epoch(2)],
    results: { ...results, accuracyAugmented: null, top5Accuracy: null } as TestResults,
    confusion: null,
  });
  const events = records(file);
  expect(events).toHaveLength(6);
  // Field 1 is the time, a double: from the start of the job on, without pauses.
  const start = Date.parse('2026-11-23T22:00:10Z') / 1000;
  expect(events.map((event) => event.readDoubleLE(1) - start)).toEqual([0, 0, 6, 12, 12, 12]);
  const [version, settings, first, , test, end] = events.map((event) => event.toString('latin1')) as string[];
  expect(version).toContain('brain.Event:2');
  for (const text of ['a "name"', 'seed', 'optimizer.nesterov', '[{"type":"dense"}]', 'job_1', 'hparams'])
    expect(settings).toContain(text);
  expect(settings).not.toContain('ema');
  expect(first).toContain('loss/validation');
  expect(test).toContain('test/accuracy');
  expect(test).not.toMatch(/test\/macroF1|recall\/cat|confusion/);
  // Field 4 of the data is the end; its field 1, the status, is STATUS_FAILURE = 2.
  const status = end?.indexOf('"', end.indexOf('session_end_info') + 16) ?? -1;
  expect(Buffer.from(end?.slice(status + 2, status + 4) ?? '', 'latin1')).toEqual(Buffer.from([0x08, 0x02]));
});
