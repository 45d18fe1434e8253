import { nativeAvailability, openNativeExecutor } from '@trainyard/executor-native';
import type { Executor } from '@trainyard/program';
import { describe, it } from 'vitest';

/** The device of the tests of PyTorch's ops; the same code runs on a GPU and, slowly, on the CPU. */
const requested = process.env.TRAINYARD_TEST_DEVICE;
export const torchDevice = requested ?? 'torch:cpu';
export const torchAvailability = nativeAvailability(torchDevice);

/**
 * The battery on PyTorch's ops. Skipped, with the reason, where they are not built, unless TRAINYARD_TEST_DEVICE is
 * set.
 */
export function onTorch(battery: (name: string, open: () => Promise<Executor>) => void): void {
  if (torchAvailability.available || requested !== undefined)
    battery(torchDevice, () => openNativeExecutor({ device: torchDevice }));
  else describe(`${torchDevice} is SKIPPED: ${torchAvailability.reason}`, () => it.skip('runs the battery'));
}
