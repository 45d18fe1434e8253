/** A model with more values than this is refused. */
export const maxWeights = 500_000_000;

/** Largest patch that can be whitened: the covariance of n values has n^2 entries. */
export const maxWhitenedValues = 192;
