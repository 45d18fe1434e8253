/** NaN for no numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  return middle.length === 0 ? Number.NaN : middle.reduce((sum, number) => sum + number / middle.length, 0);
}

export const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

/** The figures of one measurement: response times in milliseconds, and how many requests failed. */
export interface LoadFigures {
  requests: number;
  perSecond: number;
  errors: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  max: number | null;
  megabytesPerSecond?: number;
}

/** @param times of the answered requests, in milliseconds. */
export function summarize(times: readonly number[], seconds: number, errors: number): LoadFigures {
  const sorted = Float64Array.from(times).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
  return {
    requests: sorted.length,
    perSecond: sorted.length / seconds,
    errors,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    max: at(1),
  };
}
