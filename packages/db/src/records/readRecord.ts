import { isTerminal, type RecordedRows, recordedRowsSchema, recordVersion } from '@trainyard/contracts';
import type { z } from 'zod';
import type { Connection } from '../postgres/postgres.js';
import { sql } from '../postgres/sql.js';

const { shape } = recordedRowsSchema;

/**
 * The rows of a job of the project.
 * @param tx a transaction: the job is locked, so that no other writes to it meanwhile
 * @returns null where there is none; its state where it has not ended
 */
export async function readRecord(tx: Connection, project: string, id: string): Promise<RecordedRows | string | null> {
  await tx.execute(sql`SELECT FROM jobs WHERE id = ${id} AND project = ${project} FOR SHARE`);
  // One after the other: a transaction has one connection.
  const { prisma } = tx;
  const job = await prisma.job.findFirst({ where: { id, project } });
  if (job === null) return null;
  if (!isTerminal(job.state)) return job.state;
  const where = { jobId: id };
  const attempts = await prisma.attempt.findMany({ where, orderBy: { number: 'asc' } });
  const events = await prisma.event.findMany({ where, orderBy: { sequence: 'asc' } });
  const epochs = await prisma.epochMetrics.findMany({ where, orderBy: { epoch: 'asc' } });
  const checkpoints = await prisma.checkpoint.findMany({ where, orderBy: { globalStep: 'asc' } });
  const test = await prisma.testResults.findUnique({ where });
  const classes = await prisma.classResult.findMany({ where, orderBy: { classIndex: 'asc' } });
  const confusion = await prisma.confusionCount.findMany({
    where,
    orderBy: [{ actual: 'asc' }, { predicted: 'asc' }],
  });
  const predictions = await prisma.testPredictions.findUnique({ where, include: { labels: true } });
  const verifications = await prisma.verification.findMany({
    where: { ...where, state: { not: 'running' } },
    orderBy: [{ epoch: 'asc' }, { format: 'asc' }, { input: 'asc' }],
  });
  return recordedRowsSchema.parse({
    version: recordVersion,
    job: pick(shape.job, job),
    attempts: attempts.map((row) => pick(shape.attempts.element, row)),
    events: events.map((row) => pick(shape.events.element, row)),
    epochs: epochs.map((row) => pick(shape.epochs.element, row)),
    checkpoints: checkpoints.map((row) => pick(shape.checkpoints.element, { ...row, folder: folderOf(row.key) })),
    test: test && pick(shape.test.unwrap(), test),
    classes: classes.map((row) => pick(shape.classes.element, row)),
    confusion: confusion.map((row) => pick(shape.confusion.element, row)),
    predictions: predictions && pick(shape.predictions.unwrap(), { ...predictions, labels: predictions.labels.labels }),
    verifications: verifications.map((row) => pick(shape.verifications.element, row)),
  });
}

/** The last part of a key: `jobs/<job>/<folder>`. */
const folderOf = (key: string): string => key.split('/').at(-1) ?? '';

/** The fields of a row that a schema has, as JSON has them. */
const pick = (schema: z.ZodObject, row: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.keys(schema.shape).map((name) => [name, plain(row[name])]));

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return value;
}
