import { nativeAvailability } from '@trainyard/executor-native';
import { tfjsBackends } from '@trainyard/executor-tfjs';
import { expect, it } from 'vitest';
import { chooseExecutor } from '../../src/trainer/chooseExecutor.js';

const hasBinaries = (await tfjsBackends()).includes('node');

it.skipIf(hasBinaries)('a slow executor comes with a warning that says what to do', async () => {
  const { executor, warning } = await chooseExecutor({ executor: 'tfjs', device: 'auto', precision: 'fp32' }, 1);
  expect(executor.info.name).toBe('tfjs');
  expect(warning?.code).toBe('slow_executor');
  const native = nativeAvailability();
  expect(warning?.message).toContain(native.available ? 'unset it' : native.reason);
});

it.skipIf(!nativeAvailability().available)(
  'the native executor is chosen where it is available, without a warning',
  async () => {
    const { executor, warning } = await chooseExecutor({ executor: 'auto', device: 'auto', precision: 'fp32' }, 1);
    expect([executor.info.name, warning]).toEqual(['native', null]);
  },
);
