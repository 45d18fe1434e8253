import type { Point } from '@trainyard/contracts';
import type { Dimension } from '../space/dimensions.js';
import { jsonKey } from '../space/sameJson.js';
import { valueCount } from '../space/values.js';
import type { Trial } from '../trial.js';

/**
 * Which points have been proposed before. The same spec and seed give the same bits, so that a second trial of a point
 * would bring nothing. Where a range has infinitely many values, no point comes twice, and none is remembered.
 */
export class Tried {
  readonly #keys: Set<string> | null;

  constructor(dimensions: readonly Dimension[], trials: readonly Trial[]) {
    const isSmall = dimensions.every(({ parameter }) => Number.isFinite(valueCount(parameter)));
    this.#keys = isSmall ? new Set(trials.map(({ point }) => jsonKey(point))) : null;
  }

  has(point: Point): boolean {
    return this.#keys?.has(jsonKey(point)) ?? false;
  }
}
