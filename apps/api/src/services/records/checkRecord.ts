import {
  checkpointManifestSchema,
  completeJobSpecSchema,
  executorInfoSchema,
  type Fault,
  forecastSchema,
  InvalidInputError,
  type JobRecord,
  jobSourceSchema,
  loadedWeightsSchema,
  progressSchema,
  storedFailureCodeSchema,
} from '@trainyard/contracts';
import type { z } from 'zod';

/**
 * What the types of a record do not say: columns of JSON are what is read from them later, and the parts fit together.
 * @throws InvalidInputError with every fault
 */
export function checkRecord(record: JobRecord): void {
  const faults = [...faultsOf(record)];
  if (faults.length > 0) throw new InvalidInputError(`the record has ${faults.length} faults`, faults.slice(0, 100));
}

function* faultsOf(record: JobRecord): Generator<Fault> {
  const { job, attempts, checkpoints, test } = record;
  yield* column(completeJobSpecSchema, job.spec, '/job/spec');
  yield* column(progressSchema, job.progress, '/job/progress');
  yield* column(jobSourceSchema, job.source, '/job/source');
  yield* column(loadedWeightsSchema, job.initialWeights, '/job/initialWeights');
  yield* column(forecastSchema, job.forecast, '/job/forecast');
  yield* column(storedFailureCodeSchema, job.failureCode, '/job/failureCode');
  for (const [i, attempt] of attempts.entries()) {
    yield* column(executorInfoSchema, attempt.executor, `/attempts/${i}/executor`);
    yield* column(storedFailureCodeSchema, attempt.failureCode, `/attempts/${i}/failureCode`);
  }
  const folders = new Set(record.files.map(({ folder }) => folder));
  for (const [i, { manifest, folder, weightsSha256 }] of checkpoints.entries()) {
    yield* column(checkpointManifestSchema, manifest, `/checkpoints/${i}/manifest`);
    const weights = record.files.find((file) => file.folder === folder && file.name === 'weights.bin');
    if (folders.delete(folder) && weights?.sha256 === weightsSha256) continue;
    yield { pointer: `/checkpoints/${i}`, detail: `must have its files among /files, weights.bin with its digest` };
  }
  folders.delete('initial');
  for (const folder of folders) yield { pointer: '/files', detail: `${folder} is the folder of no checkpoint` };
  const rows = record.classes.length + record.confusion.length + (record.predictions ? 1 : 0);
  if (test === null && rows > 0) yield { pointer: '/test', detail: 'must not be null where there are classes' };
  yield* classFaults(record);
}

function* column(schema: z.ZodType, value: unknown, pointer: string): Generator<Fault> {
  if (value === null) return;
  const issue = schema.safeParse(value).error?.issues[0];
  if (issue) yield { pointer: [pointer, ...issue.path.map(String)].join('/'), detail: issue.message };
}

/** Readers look up classes by their numbers. */
function* classFaults({ classes, confusion, predictions, test }: JobRecord): Generator<Fault> {
  if (classes.some(({ classIndex }, i) => classIndex !== i))
    yield { pointer: '/classes', detail: 'must be numbered from 0, in their order' };
  if (confusion.some(({ actual, predicted }) => Math.max(actual, predicted) >= classes.length))
    yield { pointer: '/confusion', detail: 'must name classes that there are' };
  if (predictions === null) return;
  const arrays = Object.entries(predictions).filter(([name]) => name !== 'datasetDigest');
  for (const [name, base64] of arrays) {
    const bytes = Buffer.from(base64, 'base64');
    const pointer = `/predictions/${name}`;
    if (bytes.length !== 2 * (test?.total ?? 0)) yield { pointer, detail: `must have ${test?.total} numbers` };
    if (name !== 'labels' && name !== 'predicted') continue;
    for (let i = 0; i + 1 < bytes.length; i += 2) {
      if (bytes.readUInt16LE(i) < classes.length) continue;
      yield { pointer, detail: 'must name classes that there are' };
      break;
    }
  }
}
