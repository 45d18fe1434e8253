/** The two sides of the comparison: each timing is a process of its own, and both sides return the same figures. */
import { jsonOf, scriptPath } from '../shared/children.js';
import { UsageError } from '../shared/usage.js';

/** What both sides compute. */
export interface Workload {
  model: string;
  batch: number;
  device: string;
  precision: string;
  threads: number;
}

export interface Timing {
  msPerStep: number;
  /** The largest resident memory of the process. */
  peakBytes: number;
}

/** One timing of the trainer's own program; what step.ts prints. */
export interface StepTiming extends Timing {
  executor: string;
  device: string;
  threads: number | null;
  version: string;
  imagesPerSecond: number;
  steps: number;
  /** With `profile`: milliseconds of each op in a step, in the program's order; else null. */
  ops: { kind: string; ms: number }[] | null;
}

export interface TrainerOptions extends Workload {
  executor: string;
  seconds: number;
  profile?: boolean;
}

export function timeTrainer({ executor, seconds, profile = false, ...work }: TrainerOptions): Promise<StepTiming> {
  const args = [...workloadArgs(work), '--precision', work.precision, '--executor', executor, '--seconds', seconds];
  const script = scriptPath('step.js', import.meta.url);
  return jsonOf(process.execPath, [script, ...args, ...(profile ? ['--profile'] : [])]);
}

/** A Python that imports PyTorch; what facts.py prints, and its command. */
export interface Peer {
  python: string;
  /** Its version. */
  torch: string;
  /** Whether it has torch.compile. */
  compiles: boolean;
  /** The library that multiplies matrices: mkl, openblas, blis, atlas, reference (Netlib's plain loops), or unknown. */
  blas: string;
}

const torchFolder = '../../torch/';
const factsScript = scriptPath(`${torchFolder}facts.py`, import.meta.url);
const peerScript = scriptPath(`${torchFolder}peer.py`, import.meta.url);

/**
 * The PyTorch that TRAINYARD_PYTHON (default: python3) imports; null when the default has none.
 * @throws UsageError when TRAINYARD_PYTHON is set, and imports no PyTorch.
 */
export async function findPeer(env = process.env): Promise<Peer | null> {
  const python = env.TRAINYARD_PYTHON ?? 'python3';
  try {
    return { python, ...(await jsonOf<Omit<Peer, 'python'>>(python, [factsScript])) };
  } catch (error) {
    if (env.TRAINYARD_PYTHON === undefined) return null;
    throw new UsageError(`TRAINYARD_PYTHON=${python} does not import PyTorch:\n${(error as Error).message}`);
  }
}

export interface PeerVariant {
  /** resident: the set in memory; compiled: the same under torch.compile; article: a DataLoader, image by image. */
  mode: 'resident' | 'compiled' | 'article';
  /** Layout NHWC instead of NCHW. */
  channelsLast: boolean;
}

/** One timing of the peer: the median of three repeats of `steps` steps. */
export async function timePeer(peer: Peer, work: Workload, variant: PeerVariant, steps: number): Promise<Timing> {
  const device = work.device.replace(/^torch:/, '');
  const timing = await jsonOf<{ ms_per_step: number; peak_bytes: number }>(peer.python, [
    peerScript,
    ...workloadArgs({ ...work, device }),
    ...['--dtype', work.precision, '--mode', variant.mode],
    ...['--steps', steps, '--warmup', Math.min(steps, 5), '--repeats', 3],
    ...(variant.channelsLast ? ['--channels-last'] : []),
  ]);
  return { msPerStep: timing.ms_per_step, peakBytes: timing.peak_bytes };
}

const workloadArgs = ({ model, batch, device, threads }: Workload): unknown[] => [
  ...['--model', model, '--batch', batch, '--device', device, '--threads', threads],
];
