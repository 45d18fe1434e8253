/** A model with more values than this is refused. */
export const maxWeights = 500_000_000;

/** Channels or values that a concatenate may output: as many as the largest dense layer. */
export const maxChannels = 65_536;

/** Largest patch that can be whitened: the covariance of n values has n^2 entries. */
export const maxWhitenedValues = 192;
