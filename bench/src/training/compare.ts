import { processorModel, processors } from '../shared/machine.js';
import { median } from '../shared/statistics.js';
import { type Peer, type PeerVariant, type StepTiming, type Timing, timePeer, timeTrainer } from './sides.js';

export interface CompareOptions {
  model: string;
  batch: number;
  mode: 'resident' | 'article';
  executor: string;
  device: string;
  precision: string;
  threads: number;
  /** How long one timing of the trainer takes, about. */
  seconds: number;
  rounds: number;
  /** Also time torch.compile. */
  compile: boolean;
}

interface Figures {
  msPerStep: number;
  imagesPerSecond: number;
  peakBytes: number;
}

/** One line of the table. Ratios are of speeds: above 1 the trainer is faster. */
export type Comparison = ReturnType<typeof report>;

type VariantTimings = PeerVariant & { timings: Timing[] };

/** Times every side once a round: they take turns, so that all see the same load of the machine. */
export async function compare(peer: Peer | null, options: CompareOptions) {
  const { rounds, seconds, executor, ...rest } = options;
  const trainer: StepTiming[] = [];
  const variants = variantsOf(peer, options).map((variant): VariantTimings => ({ ...variant, timings: [] }));
  for (let round = 0; round < rounds; round++) {
    const timing = await timeTrainer({ ...rest, executor, seconds });
    trainer.push(timing);
    if (!peer) continue;
    // All rounds of the peer do as many steps: a fraction of what the trainer does in the same time.
    const steps = Math.max(1, Math.round((trainer[0] ?? timing).steps / (options.mode === 'article' ? 12 : 3)));
    for (const { timings, ...variant } of variants) timings.push(await timePeer(peer, rest, variant, steps));
  }
  return report(peer, options, trainer, variants);
}

/** The variants of the peer that compete: eager ones for one column, compiled ones for another. */
function variantsOf(peer: Peer | null, { mode, compile }: CompareOptions): PeerVariant[] {
  if (!peer) return [];
  if (mode === 'article') return [{ mode, channelsLast: false }];
  const modes: PeerVariant['mode'][] = compile ? ['resident', 'compiled'] : ['resident'];
  return modes.flatMap((each) => [false, true].map((channelsLast) => ({ mode: each, channelsLast })));
}

function report(peer: Peer | null, options: CompareOptions, trainer: StepTiming[], variants: VariantTimings[]) {
  const { model, batch, mode, device, precision, rounds } = options;
  const own = medians(trainer, batch);
  const eager = fastest(variants, batch, (each) => each !== 'compiled');
  const compiled = fastest(variants, batch, (each) => each === 'compiled');
  const info = trainer[0];
  return {
    model,
    batch,
    mode,
    executor: info?.executor,
    device,
    precision,
    threads: info?.threads,
    ...own,
    ...prefixed('peer', eager),
    ratio: ratioOf(own, eager),
    ...prefixed('compiled', compiled),
    compiledRatio: ratioOf(own, compiled),
    rounds,
    machine: { processor: processorModel, processors },
    versions: {
      node: process.version,
      executor: info?.version,
      torch: peer?.torch ?? null,
      blas: peer?.blas ?? null,
    },
  };
}

function medians(timings: readonly Timing[], batch: number): Figures {
  const msPerStep = median(timings.map((timing) => timing.msPerStep));
  return {
    msPerStep: rounded(msPerStep, 3),
    imagesPerSecond: rounded((batch * 1000) / msPerStep, 1),
    peakBytes: Math.round(median(timings.map(({ peakBytes }) => peakBytes))),
  };
}

/** Medians of the fastest variant; null when there is none. */
function fastest(variants: VariantTimings[], batch: number, counts: (mode: PeerVariant['mode']) => boolean) {
  const all = variants.filter(({ mode }) => counts(mode)).map(({ timings }) => medians(timings, batch));
  return all.toSorted((a, b) => b.imagesPerSecond - a.imagesPerSecond)[0] ?? null;
}

const rounded = (number: number, digits: number): number => Number(number.toFixed(digits));

const ratioOf = (own: Figures, other: Figures | null): number | null =>
  other && rounded(own.imagesPerSecond / other.imagesPerSecond, 3);

type Prefixed<P extends string> = Record<`${P}${Capitalize<keyof Figures>}`, number | null>;

const prefixed = <P extends string>(prefix: P, figures: Figures | null): Prefixed<P> =>
  ({
    [`${prefix}MsPerStep`]: figures?.msPerStep ?? null,
    [`${prefix}ImagesPerSecond`]: figures?.imagesPerSecond ?? null,
    [`${prefix}PeakBytes`]: figures?.peakBytes ?? null,
    // TypeScript does not derive the type of a computed key.
  }) as Prefixed<P>;
