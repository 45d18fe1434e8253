import { type Fault, maxNesting, type Normalization, toPointer } from '@trainyard/contracts';
import { isRecord } from '../isRecord.js';

/** The fields whose numbers the executors compute with, in fp32. */
const computed = ['learningRate', 'optimizer', 'schedule', 'loss', 'normalization', 'ema', 'lookahead', 'architecture'];
/** Keys of shares that are below 1; rounded to 1 they would mean something else. */
const shares = ['momentum', 'beta1', 'beta2', 'rate', 'decay', 'labelSmoothing'];

/** Of the numbers that fp32 holds with all its digits, rounded to eight digits. */
const smallest = 1.1754944e-38;
const largest = 3.4028234e38;
/** The largest number below 1. */
const largestShare = 1 - 2 ** -24;
/**
 * No number of a spec has a longer path: `architecture/layers/0`, `branches/0/0` for each layer around it, `kernel/0`.
 */
const deepest = 3 + 3 * maxNesting + 2;

/**
 * Refuses numbers that fp32 cannot hold: they would be computed as 0, infinity or 1.
 * @param input the spec as it was sent, with the fields of its recipe
 * @param normalization as it was parsed, where it has no faults
 */
export function* fp32Rules(input: Record<string, unknown>, normalization: unknown): Generator<Fault> {
  for (const key of computed) yield* faultsIn(input[key], [key]);
  if (isRecord(normalization)) yield* normalizationRules(normalization as Exclude<Normalization, string>);
}

function* faultsIn(value: unknown, path: (string | number)[]): Generator<Fault> {
  if (typeof value === 'number') {
    const remedy = remedyOf(value, path.at(-1));
    const detail = `is computed with in fp32, which cannot hold ${value}; use ${remedy}`;
    if (remedy) yield { pointer: toPointer('', path), detail };
  } else if (path.length < deepest && typeof value === 'object' && value !== null) {
    const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
    for (const [key, item] of entries) yield* faultsIn(item, [...path, key]);
  }
}

function remedyOf(value: number, key: string | number | undefined): string | null {
  const size = Math.abs(value);
  if (size > largest) return `at least ${-largest} and at most ${largest}`;
  if (size > 0 && size < smallest) return `0, or at least ${smallest} and at most ${largest}`;
  if (shares.includes(String(key)) && value < 1 && Math.fround(value) === 1) return `at most ${largestShare}`;
  return null;
}

/** Pixels become (pixel - mean) / std, computed as pixel * (1 / 255 std) - mean / std. */
function* normalizationRules({ mean, std }: Exclude<Normalization, string>): Generator<Fault> {
  for (const [channel, deviation] of std.entries()) {
    const offset = Math.max(1, Math.abs(mean[channel] ?? 0));
    // Refused by itself already.
    if (offset > largest || deviation < smallest || deviation > largest) continue;
    const [size, step] = [offset / deviation, 1 / (255 * deviation)];
    if (size <= largest && step >= smallest) continue;
    const detail = `would make pixels as large as ${text(size)} in steps of ${text(step)}; fp32 holds `;
    const pointer = `/normalization/std/${channel}`;
    yield { pointer, detail: `${detail}${smallest} to ${largest}; use mean and std of pixels in [0, 1]` };
  }
}

const text = (value: number): string => value.toPrecision(3);
