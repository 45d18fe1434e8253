import { createRequire } from 'node:module';
import type { DataType, Slot, SlotData } from '@trainyard/program';
import { cpuAddonName, findAddon, isCheckout } from './addonFile.js';

/**
 * The bridge to C++: all that an addon exports, as native/bridge/addon.cpp defines it. There are two addons, one a
 * backend, with the same exports.
 *
 * Conventions of the bridge:
 * - Strings, numbers, arrays, typed arrays and plain objects cross it, never undefined. An op's operand or attribute
 *   that is null is left out of the op. A boolean attribute is 0 or 1.
 * - Slots have names in a session, and indexes into `NativeProgram.slots` in a program. A loaded program is a number.
 * - Typed arrays are copied on the way in and on the way out: neither side sees later changes of the other.
 * - A call returns a promise at once. The engine's one thread does the work of all sessions, in the order of the calls.
 * - An argument of a wrong kind throws. All other failures reject the promise. Both are plain errors: one with a number
 *   `bytes` means that memory was refused (errors.ts makes classes of them). No failure ends the process.
 * - The addon trusts what the memory planner computed (offsets, sizes of feeds): session.ts checks feeds before a run.
 */
export interface NativeAddon {
  /** The library that computes, e.g. `oneDNN 2.6.3 (avx2)`; in brackets, the instruction set of our own kernels. */
  readonly version: string;
  /** The number of GPUs that it can compute on. */
  readonly gpus: number;
  /** Throws if there is no such device. `threads`: of the CPU. */
  readonly Session: new (
    device: string,
    threads: number,
    precision: string,
  ) => NativeSession;
  readonly StopFlag: new () => StopFlag;
}

export interface NativeSession {
  /** Resolves to the program's id in this session, and the bytes of scratch memory that its ops need while they run. */
  load(program: NativeProgram): Promise<{ id: number; scratchBytes: number }>;
  write(name: string, data: SlotData): Promise<void>;
  writeFromFile(name: string, file: string, offset: number): Promise<void>;
  read(name: string): Promise<SlotData>;
  /**
   * `feeds` in the order of the program's feed slots. Resolves to the number of steps done. `profile` adds each op's
   * time to `times`.
   */
  run(program: number, steps: number, feeds: SlotData[], stop: StopFlag, profile: boolean): Promise<number>;
  times(program: number): Promise<OpTime[]>;
  /** Stops the run in progress, makes the waiting calls fail, and frees the memory. */
  close(): Promise<void>;
}

/** Once it is set, the run that it was passed to stops after the current step. */
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
  /** Size of the arena, the memory that the transient slots share. */
  arenaBytes: number;
}

export interface NativeSlot {
  name: string;
  shape: readonly number[];
  dtype: DataType;
  role: Slot['role'];
  /** Index of the slot whose memory this one shares; its own index if none. */
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
  /** `convolution.stride` -> values */
  numbers: Record<string, number[]>;
  /** `activation.kind` -> text */
  texts: Record<string, string>;
}

/** What an addon computes with: oneDNN on the CPU, or PyTorch on a GPU (and, for tests, on the CPU). */
export type Backend = 'onednn' | 'torch';

const backends: Record<Backend, { title: string; file: string; howToBuild: string }> = {
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

type LoadResult = { addon: NativeAddon } | { reason: string };
const loaded: Partial<Record<Backend, LoadResult>> = {};

/** Loads an addon at the first call, and returns the same result from then on. `reason`: why not, and what to type. */
export function loadAddon(backend: Backend): LoadResult {
  loaded[backend] ??= tryToLoad(backend);
  return loaded[backend];
}

function tryToLoad(backend: Backend): LoadResult {
  const { title, file, howToBuild } = backends[backend];
  const path = findAddon(file);
  if (path === null) return { reason: `${title} is not built; type: ${howToBuild}` };
  limitSpinning();
  makeCublasDeterministic();
  try {
    return { addon: createRequire(import.meta.url)(path) as NativeAddon };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { reason: `${title} does not load (${detail}); type: ${howToBuild}` };
  }
}

/**
 * Limits how long OpenMP's threads spin while they wait for one another, which libgomp reads when the addon loads it.
 * The default is milliseconds: then one busy neighbour makes small models ten to fifty times slower, because the
 * spinning thread keeps the thread that it waits for from running. Some microseconds are as fast on an idle machine. A
 * policy that the user has set stays.
 */
function limitSpinning(): void {
  if (process.env.OMP_WAIT_POLICY === undefined) process.env.GOMP_SPINCOUNT ??= '3000';
}

/** Sets the workspace with which cuBLAS computes the same bits in every run; cuBLAS reads this at its first use. */
function makeCublasDeterministic(): void {
  process.env.CUBLAS_WORKSPACE_CONFIG ??= ':4096:8';
}
