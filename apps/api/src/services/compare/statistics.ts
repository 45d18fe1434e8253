/** Statistics of test accuracies: pure functions, compared with statsmodels and SciPy by `npm run test:statistics`. */

export interface Interval {
  low: number;
  high: number;
}

/** The 97.5 % quantile of the standard normal distribution. */
const z95 = 1.959963984540054;

/**
 * The 95 % interval of a share, `count` of `total` (at least 1), within [0, 1] (Wilson: Probable inference, the law of
 * succession, and statistical inference, JASA 22, 1927).
 */
export function wilsonInterval(count: number, total: number): Interval {
  const share = count / total;
  const scale = 1 + z95 ** 2 / total;
  const center = (share + z95 ** 2 / (2 * total)) / scale;
  const half = (z95 * Math.sqrt((share * (1 - share)) / total + z95 ** 2 / (4 * total ** 2))) / scale;
  return { low: Math.max(0, center - half), high: Math.min(1, center + half) };
}

/**
 * erfc(x) = 1 - erf(x) for x >= 0, with a relative error below 1e-12: the series of Abramowitz and Stegun 7.1.6, and
 * from 2 on, where its difference from 1 loses digits, the continued fraction 7.1.14. Written here because the library
 * that has it, stdlib, brings 137 packages.
 */
export function erfc(x: number): number {
  if (x < 2) {
    let term = x;
    let sum = x;
    for (let n = 1; term > sum * 1e-17; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  let fraction = x;
  for (let n = 200; n > 0; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}

/** P(X >= x) of the chi-square distribution with one degree of freedom; x >= 0. */
export const chiSquareTail = (x: number): number => erfc(Math.sqrt(x / 2));

/** P(X <= k) of `n` fair coins: X is the number of heads. For small n, whose binomial coefficients are exact. */
function fairCoinTail(k: number, n: number): number {
  let coefficient = 1;
  let sum = 1;
  for (let i = 1; i <= k; i++) {
    coefficient = (coefficient * (n - i + 1)) / i;
    sum += coefficient;
  }
  return sum / 2 ** n;
}

export interface McNemar {
  /** exact: of the binomial distribution; chiSquare: its approximation with continuity correction. */
  method: 'exact' | 'chiSquare';
  /** exact: the smaller count; chiSquare: (|a - b| - 1)^2 / (a + b). */
  statistic: number;
  /** Two-sided. */
  p: number;
}

/** From so many images on which one run alone is right, the approximation is good. */
const fewDiscordant = 25;

/**
 * McNemar's test of two runs on the same images (Psychometrika 12, 1947), as statsmodels' `mcnemar` computes it: exact
 * with fewer than 25 images on which the runs differ, else with Edwards' continuity correction.
 * @param onlyA images that the first run alone gets right
 * @param onlyB images that the second run alone gets right
 */
export function mcNemar(onlyA: number, onlyB: number): McNemar {
  const discordant = onlyA + onlyB;
  if (discordant < fewDiscordant) {
    const statistic = Math.min(onlyA, onlyB);
    return { method: 'exact', statistic, p: Math.min(1, 2 * fairCoinTail(statistic, discordant)) };
  }
  const statistic = (Math.abs(onlyA - onlyB) - 1) ** 2 / discordant;
  return { method: 'chiSquare', statistic, p: chiSquareTail(statistic) };
}

/**
 * p-values corrected for being several (Holm: A simple sequentially rejective multiple test procedure, Scandinavian
 * Journal of Statistics 6, 1979), in the order given.
 */
export function holm(values: readonly number[]): number[] {
  const adjusted = new Array<number>(values.length);
  let largest = 0;
  const ascending = [...values.entries()].sort(([, a], [, b]) => a - b);
  for (const [rank, [index, p]] of ascending.entries()) {
    largest = Math.max(largest, Math.min(1, (values.length - rank) * p));
    adjusted[index] = largest;
  }
  return adjusted;
}

export interface Spread {
  mean: number;
  /** Of a sample (divisor n - 1); null for one value. */
  standardDeviation: number | null;
}

/** @param values at least one */
export function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardDeviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null };
}

/** The 95 % interval of a mean of `count` values by the normal distribution; null for one value. */
export function meanInterval({ mean, standardDeviation }: Spread, count: number): Interval | null {
  if (standardDeviation === null) return null;
  const half = (z95 * standardDeviation) / Math.sqrt(count);
  return { low: mean - half, high: mean + half };
}
