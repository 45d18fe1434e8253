import { createRequire } from 'node:module';
import type { DataType, Slot, SlotData } from '@trainyard/program';
import { cpuAddonName, findAddon, isCheckout } from './addonFile.js';

/** What an addon computes with: oneDNN on the CPU, or PyTorch on a GPU (and, for tests, on the CPU). */
export type Family = 'onednn' | 'torch';

/** Everything that a C++ addon offers. Its promises reject with plain errors; see errors.ts. */
export interface NativeAddon {
  /** What computes, e.g. `oneDNN 2.6.3 (avx2)`: with the instruction set of the kernels that this processor runs. */
  readonly version: string;
  /** GPUs that it can compute on. */
  readonly gpus: number;
  /** Throws where the device is not there. `threads`: of the CPU. */
  readonly Session: new (
    device: string,
    threads: number,
    precision: string,
  ) => NativeSession;
  readonly StopFlag: new () => StopFlag;
}

export interface NativeSession {
  /** Resolves to the program's number in this session, and the bytes that its ops need for themselves while they run. */
  load(program: NativeProgram): Promise<{ id: number; scratchBytes: number }>;
  write(name: string, data: SlotData): Promise<void>;
  writeFromFile(name: string, file: string, offset: number): Promise<void>;
  read(name: string): Promise<SlotData>;
  /**
   * `feeds` in the order of the program's feed slots, already checked. Resolves to the steps done. `profile` adds each
   * op's time to `times`.
   */
  run(program: number, steps: number, feeds: SlotData[], stop: StopFlag, profile: boolean): Promise<number>;
  times(program: number): Promise<OpTime[]>;
  /** Stops the run in progress, makes all that waits fail, frees the memory. */
  close(): Promise<void>;
}

/** Stops a run between two steps once set. */
export interface StopFlag {
  set(): void;
}

/** Seconds that an op took, over all profiled runs. */
export interface OpTime {
  kind: string;
  seconds: number;
}

/** A program whose memory is planned and whose ops' fields are flattened; see wire.ts. */
export interface NativeProgram {
  name: string;
  slots: NativeSlot[];
  ops: NativeOp[];
  /** Size of the block that the transient slots share. */
  arenaBytes: number;
}

export interface NativeSlot {
  name: string;
  shape: readonly number[];
  dtype: DataType;
  role: Slot['role'];
  /** Index of the slot whose memory this one shares; its own where none. */
  root: number;
  /** Byte offset in the arena; 0 for all but transient slots. */
  offset: number;
}

export interface NativeOp {
  kind: string;
  /** Operand -> index of its slot; without those that are null. */
  in: Record<string, number>;
  out: Record<string, number>;
  update: Record<string, number>;
  /** `convolution.stride` -> values; booleans are 0 and 1 */
  numbers: Record<string, number[]>;
  /** `activation.kind` -> text */
  texts: Record<string, string>;
}

const families: Record<Family, { title: string; file: string; howToBuild: string }> = {
  onednn: {
    title: 'the native executor',
    file: cpuAddonName,
    howToBuild: `apt-get install -y g++ make libdnnl-dev && ${isCheckout ? 'npm run build:native' : 'trainyard up'}`,
  },
  torch: {
    title: 'the native executor for GPUs',
    file: 'trainyard_torch.node',
    howToBuild: 'npm run build:torch (it needs g++, make and a PyTorch)',
  },
};

type Loaded = { addon: NativeAddon } | { reason: string };
const loaded: Partial<Record<Family, Loaded>> = {};

/** Loads an addon at the first call. */
export function loadAddon(family: Family): Loaded {
  loaded[family] ??= tryToLoad(family);
  return loaded[family];
}

function tryToLoad(family: Family): Loaded {
  const { title, file, howToBuild } = families[family];
  const path = findAddon(file);
  if (path === null) return { reason: `${title} is not built; type: ${howToBuild}` };
  waitBriefly();
  repeatProducts();
  try {
    return { addon: createRequire(import.meta.url)(path) as NativeAddon };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { reason: `${title} does not load (${detail}); type: ${howToBuild}` };
  }
}

/**
 * How long OpenMP's threads spin while they wait for one another, which libgomp reads when the addon brings it in. By
 * default milliseconds: then one busy neighbour makes small models ten to fifty times slower, for the spinning thread keeps
 * the one that it waits for from running. Some microseconds are enough to be as fast as ever on an idle machine.
 * Whoever has set a policy keeps it.
 */
function waitBriefly(): void {
  if (process.env.OMP_WAIT_POLICY === undefined) process.env.GOMP_SPINCOUNT ??= '3000';
}

/** The workspace with which cuBLAS gives the same bits in every run; it reads this when it is first used. */
function repeatProducts(): void {
  process.env.CUBLAS_WORKSPACE_CONFIG ??= ':4096:8';
}
