import { nativeAvailability, openNativeExecutor } from '@trainyard/executor-native';
import type { Executor } from '@trainyard/program';
import { describe, it } from 'vitest';

/** What the tests of PyTorch's ops compute on: the same code runs on a GPU and, slowly, on the CPU. */
const wanted = process.env.TRAINYARD_TEST_DEVICE;
export const torchDevice = wanted ?? 'torch:cpu';
export const torchAvailability = nativeAvailability(torchDevice);

/** The battery on PyTorch's ops; skipped, loudly, where they are not built and nobody has asked for them. */
export function onTorch(battery: (name: string, open: () => Promise<Executor>) => void): void {
  if (torchAvailability.available || wanted !== undefined)
    battery(torchDevice, () => openNativeExecutor({ device: torchDevice }));
  else describe(`${torchDevice} is SKIPPED: ${torchAvailability.reason}`, () => it.skip('runs the battery'));
}
