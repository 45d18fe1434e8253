import type { Dataset, JobSpecInput } from '@trainyard/contracts';
import { checkSpec } from '@trainyard/spec';
import { withDataset } from './recipes.js';
import { UsageError } from './usage.js';

/** The complete spec and its resolved model, for this dataset. @throws UsageError that lists every fault. */
export function checkedSpec(input: JobSpecInput, dataset: Dataset) {
  const { spec, model, faults } = checkSpec(withDataset(input, dataset.name), dataset);
  if (spec && model) return { spec, model };
  throw new UsageError(faults.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('\n'));
}
