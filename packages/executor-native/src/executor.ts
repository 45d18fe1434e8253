import { availableParallelism } from 'node:os';
import type { ExecutorInfo, Precision } from '@trainyard/contracts';
import { type Executor, ExecutorError } from '@trainyard/program';
import { type Backend, loadAddon } from './addon.js';
import { callAddon } from './errors.js';
import { NativeSession } from './session.js';

export interface NativeExecutor extends Executor {
  openSession(): Promise<NativeSession>;
}

export interface NativeOptions {
  /** CPU threads; by default all processors. A run repeats only with the same number: it decides the order of sums. */
  threads?: number | undefined;
  /** `cpu` (oneDNN; the default), `cuda` or `cuda:<number>` (PyTorch), `torch:cpu` (PyTorch's operators on the CPU). */
  device?: string | undefined;
  /** Of convolutions and matrix products; by default fp32. oneDNN ignores it and computes in fp32. */
  precision?: Precision | undefined;
}

export type Availability = { available: true; version: string } | { available: false; reason: string };

/** Whether the addon for a device is built and loads, and the device exists; if not, the reason and what to type. */
export function nativeAvailability(device = 'cpu'): Availability {
  const result = loadAddon(backendOf(device));
  if (!('addon' in result)) return { available: false, reason: result.reason };
  const { version } = result.addon;
  const gpu = /^cuda(?::(\d+))?$/.exec(device);
  if (gpu && Number(gpu[1] ?? 0) >= result.addon.gpus)
    return { available: false, reason: noSuchGpu(result.addon.gpus) };
  return { available: true, version };
}

/** Runs programs in C++. Throws ExecutorError if the addon or the device is not available. */
export async function openNativeExecutor(options: NativeOptions = {}): Promise<NativeExecutor> {
  const { device = 'cpu', threads = availableParallelism() } = options;
  const backend = backendOf(device);
  const result = loadAddon(backend);
  if (!('addon' in result)) throw new ExecutorError(result.reason);
  const availability = nativeAvailability(device);
  if (!availability.available) throw new ExecutorError(`${device}: ${availability.reason}`);
  if (!Number.isInteger(threads) || threads < 1) throw new ExecutorError(`${threads} is not a number of threads`);
  const precision = backend === 'torch' ? (options.precision ?? 'fp32') : 'fp32';
  const info: ExecutorInfo = {
    name: 'native',
    device: fullName(device),
    threads,
    version: availability.version,
    precision,
  };
  const settings = { backend, device: device.replace(/^torch:/, ''), threads, precision };
  return { info, openSession: () => callAddon(async () => new NativeSession(result.addon, settings)) };
}

const backendOf = (device: string): Backend => (device === 'cpu' ? 'onednn' : 'torch');
const fullName = (device: string): string => (device === 'cuda' ? 'cuda:0' : device);

function noSuchGpu(gpus: number): string {
  if (gpus > 0)
    return `this machine has ${gpus} GPU${gpus > 1 ? 's' : ''} that PyTorch sees: cuda:0 to cuda:${gpus - 1}`;
  const check = 'python3 -c "import torch; print(torch.cuda.is_available())"';
  return `PyTorch sees no NVIDIA GPU here; try nvidia-smi, and ${check}`;
}
