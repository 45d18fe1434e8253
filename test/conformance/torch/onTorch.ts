import { nativeAvailability, openNativeExecutor } from '@trainyard/executor-native';
import type { Executor } from '@trainyard/program';
import { describe, it } from 'vitest';

/** The device of the tests of PyTorch's ops; the same code runs on a GPU and, slowly, on the CPU. */
const requested = process.env.TRAINYARD_TEST_DEVICE;
export const torchDevice = requested ?? 'torch:cpu';
const torchAvailability = nativeAvailability(torchDevice);
const reason = torchAvailability.available ? '' : torchAvailability.reason;

/** False if tests on PyTorch are skipped: its addon is not built, and TRAINYARD_TEST_DEVICE is not set. */
export const runsOnTorch = torchAvailability.available || requested !== undefined;

/** The battery on PyTorch's ops. A skipped battery has the reason as its title. */
export function onTorch(battery: (name: string, open: () => Promise<Executor>) => void): void {
  if (runsOnTorch) battery(torchDevice, () => openNativeExecutor({ device: torchDevice }));
  else describe(`${torchDevice} is SKIPPED: ${reason}`, () => it.skip('runs the battery'));
}
