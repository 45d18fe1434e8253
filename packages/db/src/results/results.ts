import type {
  AnyResultRow,
  ClassResult,
  Facets,
  FacetsQuery,
  Page,
  ResultsQuery,
  TestResults,
} from '@trainyard/contracts';
import { sortValueOf } from '../filter/orderOf.js';
import { checkStorable } from '../postgres/checkStorable.js';
import type { Prisma } from '../postgres/generated/client.js';
import { toPage } from '../postgres/page.js';
import type { Postgres } from '../postgres/postgres.js';
import { readTable, type Table } from './exportHistory.js';
import { facetsRowSchema, facetsStatement } from './facets.js';
import { historyRowSchema, historyStatement, toResultRow } from './history.js';

const relations = {
  classes: { orderBy: { classIndex: 'asc' } },
  confusion: true,
} as const satisfies Prisma.TestResultsInclude;

/** The tests of a project's jobs. */
export class Results {
  constructor(
    private readonly postgres: Postgres,
    private readonly project: string,
  ) {}

  async find(jobId: string): Promise<TestResults | null> {
    const where = { jobId, project: this.project };
    const row = await this.postgres.prisma.testResults.findUnique({ where, include: relations });
    return row && toTestResults(row);
  }

  /** The classes of several jobs' tests, in the datasets' order; jobs without a test are absent. */
  async classesOf(jobIds: readonly string[]): Promise<Map<string, ClassResult[]>> {
    const rows = await this.postgres.prisma.testResults.findMany({
      where: { jobId: { in: [...jobIds] }, project: this.project },
      select: { jobId: true, classes: relations.classes },
    });
    return new Map(rows.map(({ jobId, classes }) => [jobId, toClassResults(classes)]));
  }

  /** The history: a page of the tested jobs that match the query. */
  async history(query: ResultsQuery): Promise<Page<AnyResultRow>> {
    checkStorable(query);
    const rows = await this.postgres.query(historyRowSchema, historyStatement(this.project, query));
    const page = toPage(rows, query.limit, query.sort, (row) => ({ value: sortValueOf(row), id: row.id }));
    return { data: page.data.map(toResultRow), nextCursor: page.nextCursor };
  }

  /**
   * The whole history that matches, as one snapshot of the database has it; a cursor says where it begins.
   *
   * @param encode makes the parts of a file of the table
   * @throws TrainyardError `unavailable` when too many exports run
   */
  async *export<T>(
    query: ResultsQuery,
    encode: (table: Table) => AsyncGenerator<T>,
    signal: AbortSignal,
  ): AsyncGenerator<T> {
    checkStorable(query);
    const { project } = this;
    yield* this.postgres.snapshots.read(signal, async function* (snapshot) {
      yield* encode(await readTable(snapshot, project, query));
    });
  }

  /** The history counted by the values of a field, the most frequent first. @throws FilterError */
  async facets(query: FacetsQuery): Promise<Facets> {
    checkStorable(query);
    const [row] = await this.postgres.query(facetsRowSchema, facetsStatement(this.project, query));
    if (!row) throw new Error('a count without a row');
    return { field: query.field, ...row };
  }
}

function toTestResults(row: Prisma.TestResultsGetPayload<{ include: typeof relations }>): TestResults {
  const confusion = row.classes.map(() => row.classes.map(() => 0));
  for (const { actual, predicted, count } of row.confusion) {
    const line = confusion[actual];
    if (line) line[predicted] = count;
  }
  const { epoch, loss, accuracy, accuracyAugmented, correct, total, top5Accuracy, macroF1, seconds, partial } = row;
  const classes = toClassResults(row.classes);
  return {
    epoch,
    loss,
    accuracy,
    accuracyAugmented,
    correct,
    total,
    top5Accuracy,
    macroF1,
    seconds,
    partial,
    last: toLastTest(row),
    classes,
    confusion,
  };
}

const toClassResults = (rows: readonly (Omit<ClassResult, 'class'> & { name: string })[]): ClassResult[] =>
  rows.map(({ name, correct, total, accuracy, precision, recall, f1 }) => {
    return { class: name, correct, total, accuracy, precision, recall, f1 };
  });

type LastColumns = 'lastEpoch' | 'lastLoss' | 'lastAccuracy' | 'lastAccuracyAugmented' | 'lastCorrect';

function toLastTest(row: Pick<Prisma.TestResultsGetPayload<object>, LastColumns>): TestResults['last'] {
  const { lastEpoch, lastLoss, lastAccuracy, lastAccuracyAugmented: accuracyAugmented, lastCorrect } = row;
  if (lastEpoch === null || lastLoss === null || lastAccuracy === null || lastCorrect === null) return null;
  return { epoch: lastEpoch, loss: lastLoss, accuracy: lastAccuracy, accuracyAugmented, correct: lastCorrect };
}
