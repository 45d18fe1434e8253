/** A trial on the ladder of rungs. */
export interface Climber {
  number: number;
  /** Its best loss so far at each rung that it has reached, from the first. Infinity: it failed there. */
  losses: readonly number[];
  /** waiting: paused at the last of these rungs; running: on its way to the next; ended: it goes no further. */
  state: 'waiting' | 'running' | 'ended';
}

/**
 * The trials to promote, in the order in which they should continue: algorithm 2 of asynchronous successive halving (Li
 * et al. 2020, "A system for massively parallel hyperparameter tuning", arXiv 1810.05934). From the highest rung down,
 * of the n trials that have reached it the floor(n / reductionFactor) best may continue; those among them that wait are
 * promoted. Nothing waits for a rung to be full. Of equal trials, the earlier one comes first.
 * @param rungs number of rungs; a trial at the last is finished
 */
export function promotions(climbers: readonly Climber[], reductionFactor: number, rungs: number): number[] {
  const promoted: number[] = [];
  for (let rung = rungs - 2; rung >= 0; rung--) {
    const reached = climbers.filter(({ losses }) => losses.length > rung);
    const best = reached
      .toSorted((a, b) => compare(a.losses[rung] as number, b.losses[rung] as number) || a.number - b.number)
      .slice(0, Math.floor(reached.length / reductionFactor));
    for (const { number, losses, state } of best)
      if (state === 'waiting' && losses.length === rung + 1 && losses[rung] !== Number.POSITIVE_INFINITY)
        promoted.push(number);
  }
  return promoted;
}

const compare = (a: number, b: number): number => (a === b ? 0 : a - b);

/**
 * The losses by which a sampler compares trials under asha: those at the highest rung that at least `enough` trials
 * have reached, because trials with different numbers of epochs cannot be compared (Falkner et al. 2018, arXiv
 * 1807.01774). A trial that has not reached it is `running` while it may still, and otherwise `failed`: it has lost.
 */
export function comparableLosses(
  climbers: readonly Climber[],
  enough: number,
): Map<number, readonly [number] | 'running' | 'failed'> {
  const highest = Math.max(0, ...climbers.map(({ losses }) => losses.length - 1));
  let rung = highest;
  while (rung > 0 && climbers.filter(({ losses }) => losses.length > rung).length < enough) rung--;
  return new Map(
    climbers.map(({ number, losses, state }) => {
      const loss = losses[rung];
      const without = state === 'running' ? 'running' : 'failed';
      return [number, loss === undefined || loss === Number.POSITIVE_INFINITY ? without : [loss]];
    }),
  );
}
