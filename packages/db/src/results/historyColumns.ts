import { type Column, columnOf } from '../filter/jobFields.js';
import { empty, join, raw, type Sql, sql } from '../postgres/sql.js';

/** What a test has as its job has it: read from `test_results`, whose indexes begin with some of them. */
const ofTest: Record<string, Column> = {
  experiment: { type: 'text', sql: sql`test_results.experiment` },
  architecture: { type: 'text', sql: sql`test_results.architecture` },
  dataset: { type: 'text', sql: sql`test_results.dataset` },
};

/** Fields that are columns of `test_results` in every statement. */
const isOfTest = (path: string[]): boolean => ['test', 'last'].includes(path[0] ?? '') && path.length === 2;

const allJobs = sql`JOIN jobs ON jobs.id = test_results.job_id`;
/** Looked up for one row after the other: as few as a page needs. OFFSET keeps Postgres from reading all of them. */
const jobOfRow = sql`CROSS JOIN LATERAL (SELECT * FROM jobs WHERE jobs.id = test_results.job_id OFFSET 0) AS jobs`;

/** The fields of a statement over `test_results`, and what has to be joined for those that were asked for. */
export class HistoryColumns {
  /** By the path of the field. */
  readonly #relations = new Map<string, { name: Sql; relation: Sql }>();
  #needsJobs = false;

  /** @param every whether the statement reads every row: what would be looked up for each of them is joined once */
  constructor(private readonly every: boolean) {}

  readonly columnOf = (path: string[]): Column | null => {
    const own = path.length === 1 && Object.hasOwn(ofTest, path[0] ?? '') ? ofTest[path[0] ?? ''] : undefined;
    if (own) return own;
    const column = columnOf(path);
    if (column === null || isOfTest(path)) return column;
    if (this.every && column.relation) return { ...column, sql: sql`${this.#joined(path, column.relation)}.value` };
    this.#needsJobs = true;
    return column;
  };

  /** Whether all fields so far are columns of `test_results`. */
  get areOfTest(): boolean {
    return !this.#needsJobs && this.#relations.size === 0;
  }

  /** What follows `test_results` in FROM; to be asked for after the fields. */
  get joins(): Sql {
    const relations = [...this.#relations.values()].map(
      ({ name, relation }) => sql`LEFT JOIN (${relation}) AS ${name} ON ${name}.job_id = test_results.job_id`,
    );
    const jobs = this.#needsJobs ? [this.every ? allJobs : jobOfRow] : [];
    return this.areOfTest ? empty : join([...jobs, ...relations], ' ');
  }

  #joined(path: string[], relation: Sql): Sql {
    const key = JSON.stringify(path);
    const { name } = this.#relations.get(key) ?? { name: raw(`field${this.#relations.size}`) };
    this.#relations.set(key, { name, relation });
    return name;
  }
}
