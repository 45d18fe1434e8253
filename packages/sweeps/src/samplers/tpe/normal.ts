/** Error function, off by at most 1.5e-7 (Abramowitz and Stegun 1964, 7.1.26). */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const value = 1 - series * Math.exp(-x * x);
  return x < 0 ? -value : value;
}

/** Share of a standard normal distribution below `x`. */
export const normalShare = (x: number): number => 0.5 * (1 + erf(x * Math.SQRT1_2));

/** Logarithm of the density of a standard normal distribution, without its constant. */
export const logDensity = (x: number): number => -0.5 * x * x;

/** log sqrt(2 pi): what `logDensity` leaves out. */
export const logConstant = 0.5 * Math.log(2 * Math.PI);

/** Below this, the share between two points is computed from the density half way: `erf` has too few digits. */
const smallestShare = 1e-4;

/** Logarithm of the share of a standard normal distribution between two points. */
export function logShare(from: number, to: number): number {
  const share = normalShare(to) - normalShare(from);
  if (share > smallestShare) return Math.log(share);
  return logDensity((from + to) / 2) - logConstant + Math.log(to - from);
}
