import { type Dataset, datasetChoiceSchema } from '@trainyard/contracts';
import { isRecord } from '../isRecord.js';

/**
 * The spec with the validation images that the dataset itself has, unless the user chooses others by
 * `dataset.validationFraction` or `dataset.validationSplit`. A faulty choice stays as it is, for the checks to find.
 */
export function withProvidedSplit(input: Record<string, unknown>, dataset: Dataset): Record<string, unknown> {
  if (dataset.validationImages === 0) return input;
  const choice =
    typeof input.dataset === 'string' ? { name: input.dataset } : (input.dataset ?? { name: dataset.name });
  if (!isRecord(choice) || 'validationFraction' in choice || 'validationSplit' in choice) return input;
  if (!datasetChoiceSchema.safeParse(choice).success) return input;
  return { ...input, dataset: { ...choice, validationSplit: 'provided' } };
}
