import type { ChartStyle } from './charts.js';

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar for a share of `width` columns, e.g. `#####` or `████▌`. */
export function formatShare(share: number, { width, unicode }: ChartStyle): string {
  const units = Math.round(Math.min(Math.max(share, 0), 1) * width * 8);
  if (!unicode) return '#'.repeat(Math.round(units / 8));
  return '█'.repeat(Math.floor(units / 8)) + eighths[units % 8];
}

/** A bar up to `high`, which is lighter from `low` on, e.g. `#####==`: an interval. */
export function formatInterval({ low, high }: { low: number; high: number }, { width, unicode }: ChartStyle): string {
  const [from, to] = [Math.floor(low * width), Math.max(Math.ceil(high * width), 1)];
  return (unicode ? '█' : '#').repeat(from) + (unicode ? '▒' : '=').repeat(to - from);
}
