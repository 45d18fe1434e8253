/** Numbers as people read them, always the same in every locale. */

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** e.g. `62,006` */
export const formatCount = (n: number): string => grouped.format(n);

/** e.g. `1 epoch`, `30 epochs` */
export const counted = (n: number, noun: string): string => `${formatCount(n)} ${noun}${n === 1 ? '' : 's'}`;

/** A fraction, e.g. `48.9 %`. */
export const formatPercent = (fraction: number, digits = 1): string => `${(100 * fraction).toFixed(digits)} %`;

/** A loss, to four places, e.g. `1.4321`. */
export const formatLoss = (loss: number): string => (Number.isFinite(loss) ? loss.toFixed(4) : 'not finite');

/** Of a step, e.g. `2.53`, `213`. */
export const formatMilliseconds = (milliseconds: number): string =>
  milliseconds < 100 ? String(Number(milliseconds.toPrecision(3))) : formatCount(milliseconds);

/** A learning rate or another setting, as short as it is exact, e.g. `0.01`. */
export const formatSetting = (value: number): string => String(Number(value.toPrecision(6)));

const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E'];

/** With a decimal prefix, e.g. `1.30 M`. */
export function formatLarge(n: number): string {
  const power = n < 1000 ? 0 : Math.min(Math.floor(Math.log10(n) / 3), prefixes.length - 1);
  const scaled = n / 1000 ** power;
  return power === 0 ? String(Math.round(n)) : `${scaled.toPrecision(3)} ${prefixes[power]}`;
}

/** e.g. `2.4 MB` */
export const formatBytes = (bytes: number): string => (bytes < 1000 ? `${bytes} B` : `${formatLarge(bytes)}B`);

/** e.g. `4.2 s`, `2 min 5 s`, `3 h 12 min`, `2 d 4 h` */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const hours = Math.round(seconds / 3600);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** RFC 3339 to `2026-11-23 22:48 UTC`. */
export const formatTime = (time: string): string => {
  const iso = new Date(time).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
};

/** e.g. `0.9123 (68.1 %)` */
export const formatValidation = (at: { validationLoss: number; validationAccuracy: number }): string =>
  `${formatLoss(at.validationLoss)} (${formatPercent(at.validationAccuracy)})`;
