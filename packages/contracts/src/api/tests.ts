import { z } from 'zod';
import { datasetVersionSchema } from '../spec/datasetChoice.js';
import { jobSpecSchema } from '../spec/spec.js';

const { name, experiment, tags, notes, priority, testAugmentation, maxAttempts, device } = jobSpecSchema.shape;

/** A test of a checkpoint: what is left out is as in the job that trained it, or the default of a spec. */
export const testBodySchema = z.strictObject({
  /** Whose test split is classified; default: the dataset that the checkpoint was trained on, in that version. */
  dataset: datasetVersionSchema.optional(),
  testAugmentation: testAugmentation.unwrap().optional(),
  experiment: experiment.unwrap().optional(),
  device: device.unwrap().optional(),
  name,
  tags,
  notes,
  priority,
  maxAttempts,
});
export type TestBody = z.output<typeof testBodySchema>;
/** As a user may send it. */
export type TestRequest = z.input<typeof testBodySchema>;
