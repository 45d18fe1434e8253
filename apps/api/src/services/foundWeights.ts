import type { InitialWeights, LoadedWeights } from '@trainyard/contracts';

/** Weights that a new job starts from. */
export interface InitialSource {
  loaded: LoadedWeights;
  /** The files' key in the artifact store, or the path of an upload. */
  from: { key: string } | { file: string };
}

/** `initialWeights`: as the spec stores them, with the epoch, and whether the head is new. */
export type FoundWeights = InitialSource & { initialWeights: InitialWeights };
