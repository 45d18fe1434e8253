import { z } from 'zod';

const recordSchema = z.record(z.string(), z.unknown());
const asRecord = (value: unknown) => recordSchema.safeParse(value).data ?? null;

/**
 * A stored spec with the fields that are newer than it, set to what versions without them did; so its job resumes with
 * the same bits, and shows how it is trained. The defaults of new specs are others.
 */
export function withNewerFields(stored: unknown): unknown {
  const spec = asRecord(stored);
  if (!spec) return stored;
  const { seed } = spec;
  const dataset = asRecord(spec.dataset);
  const ema = asRecord(spec.ema);
  return {
    ...spec,
    ...(dataset && { dataset: { splitSeed: seed, ...dataset } }),
    ...(ema && { ema: { warmup: false, ...ema } }),
  };
}
