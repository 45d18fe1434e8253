import { metrics, runningJob, submission, type TestView, testResults } from '../fixtures.js';
import type { Row } from './evaluate.js';

/** The same draws in each run; `npm run test:only` prints a failing filter. */
let state = 20_260_101;
export function draw(count: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * count);
}
export const oneOf = <T>(items: readonly T[]): T => items[draw(items.length)] as T;

const names = [undefined, 'first', 'Second', 'a%b', 'a_b', "it's", '100'];
export const tags = ['night', 'sweep', 'a b'];
const rates = [0.01, 0.1, 1];
const schedules = [{ type: 'constant' }, { type: 'cosine' }];

/** Eighty jobs: waiting, running, failed and tested ones. */
export async function drawJobs(db: TestView): Promise<void> {
  for (let i = 0; i < 80; i += 1) {
    const spec = {
      name: oneOf(names),
      tags: tags.filter(() => draw(2) === 1),
      learningRate: oneOf(rates),
      schedule: oneOf(schedules),
      epochs: 2,
      priority: draw(3),
      augmentation: { flip: draw(2) === 1 },
    };
    if (draw(4) === 0) {
      await db.jobs.submit(submission(spec, { architecture: oneOf(['cnn3', 'vgg6']) }));
      continue;
    }
    const { token } = await runningJob(db, spec);
    if (draw(5) > 0) await db.attempts.epoch(token, metrics(1, { validationAccuracy: draw(10) / 10 }), null);
    else continue;
    if (draw(4) > 0) await db.attempts.succeed(token, testResults(1, draw(10)));
    else await db.attempts.fail(token, { code: 'diverged', message: 'NaN' }, { retryable: false });
  }
}

/** Each job as a filter sees it, read by the methods that the API uses. */
export async function rowsOf(db: TestView): Promise<Map<string, Row>> {
  const { data } = await db.jobs.list({ sort: '-created', limit: 500 });
  const found = new Map<string, Row>();
  for (const job of data) {
    const results = await db.results.find(job.id);
    const [first] = await db.metrics.list(job.id);
    const known: Record<string, ReturnType<Row> | null> = {
      id: job.id,
      name: job.name,
      experiment: job.experiment,
      tag: job.tags.length ? job.tags : null,
      state: job.state,
      architecture: job.architecture,
      priority: job.priority,
      parameters: job.parameters,
      failure: job.failure?.code ?? null,
      created: new Date(job.createdAt),
      finished: job.finishedAt === null ? null : new Date(job.finishedAt),
      'test.accuracy': results?.accuracy ?? null,
      'test.macroF1': results?.macroF1 ?? null,
      'test.top5Accuracy': results?.top5Accuracy ?? null,
      'validation.accuracy': job.best?.validationAccuracy ?? null,
      'train.loss': job.best ? (first?.trainLoss ?? null) : null,
      'recall.cat': results?.classes[0]?.recall ?? null,
      'recall.dog': null,
      'precision.cat': results?.classes[0]?.precision ?? null,
      'confusion.cat.dog': results?.confusion[0]?.[1] ?? null,
      'confusion.cat.bird': null,
      learningRate: job.spec.learningRate,
      'schedule.type': job.spec.schedule.type,
      'spec.epochs': job.spec.epochs,
      'augmentation.flip': job.spec.augmentation.flip as boolean,
    };
    found.set(job.id, (path) => known[path.join('.')] ?? undefined);
  }
  return found;
}

type Read = (cursor: { cursor?: string }) => Promise<{ ids: string[]; nextCursor: string | null }>;
/** The ids of all pages of a list. */
export async function allPages(read: Read): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = await read(cursor === '' ? {} : { cursor });
    ids.push(...page.ids);
    cursor = page.nextCursor;
  }
  return ids;
}
