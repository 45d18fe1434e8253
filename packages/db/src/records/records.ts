import { isDeepStrictEqual } from 'node:util';
import {
  ConflictError,
  type ExperimentRecord,
  InvalidInputError,
  NotFoundError,
  type RecordedRows,
} from '@trainyard/contracts';
import { checkStorable } from '../postgres/checkStorable.js';
import { refusalOf } from '../postgres/isUnavailable.js';
import type { Postgres } from '../postgres/postgres.js';
import { readAliases, storeAliases } from './aliases.js';
import { readRecord } from './readRecord.js';
import { storeRecord } from './storeRecord.js';

/** Everything that is stored of a job that has ended, to be taken to another installation. */
export class Records {
  constructor(
    private readonly postgres: Postgres,
    private readonly project: string,
  ) {}

  /** @throws NotFoundError; ConflictError where the job has not ended */
  async find(id: string): Promise<RecordedRows> {
    const found = await this.#read(id);
    if (found === null) throw new NotFoundError(`job ${id}`);
    if (typeof found === 'string')
      throw new ConflictError(`only a job that has ended has a record; job ${id} is ${found}`);
    return found;
  }

  /**
   * Whether the job of a record is there already, with what was computed elsewhere. A job that was deleted here may
   * come again.
   * @throws ConflictError where a job with this id and other content is there, in whatever project
   */
  async has(rows: RecordedRows): Promise<boolean> {
    const { id } = rows.job;
    const found = await this.#read(id);
    if (found === null) {
      // Or else the files would be removed that are stored for it now.
      await this.postgres.prisma.deletion.deleteMany({ where: { jobId: id } });
      if ((await this.postgres.prisma.job.count({ where: { id } })) === 0) return false;
      throw new ConflictError(`another project of this installation has a job ${id}`);
    }
    if (typeof found === 'string')
      throw new ConflictError(`a job ${id} is here that has not ended; it is ${found}, and is not replaced`);
    const other = differenceOf(found, rows);
    if (other === null) return true;
    throw new ConflictError(`a job ${id} with other content is here: ${other} differ; it is not replaced`);
  }

  /**
   * Stores the job of a record, in one transaction. Its files must be there.
   * @returns false: it was there already
   * @throws ConflictError as `has`; InvalidInputError where rows contradict each other
   */
  async store(rows: RecordedRows, from: string): Promise<boolean> {
    checkStorable(rows);
    const record = { rows, project: this.project, from };
    const stored = await this.postgres.transaction((tx) => storeRecord(tx, record)).catch(throwRefusal);
    return stored || !(await this.has(rows));
  }

  #read(id: string): Promise<RecordedRows | string | null> {
    return this.postgres.transaction((tx) => readRecord(tx, this.project, id));
  }

  /** Empty for an experiment that has no aliases. */
  findAliases(experiment: string): Promise<ExperimentRecord> {
    return readAliases(this.postgres, this.project, experiment);
  }

  /**
   * Stores all of them or none.
   * @throws ConflictError where an alias points elsewhere here; InvalidInputError where the rows cannot be stored
   */
  async storeAliases(experiment: string, record: ExperimentRecord): Promise<void> {
    checkStorable({ experiment });
    const rows = { project: this.project, experiment, record };
    await this.postgres.transaction((tx) => storeAliases(tx, rows)).catch(throwRefusal);
  }
}

/** @throws InvalidInputError where Postgres refuses the rows, as a number that a column cannot hold; else the error */
function throwRefusal(error: unknown): never {
  const refusal = refusalOf(error);
  if (refusal === null) throw error;
  throw new InvalidInputError(`the rows of the record cannot be stored: ${refusal}`);
}

/** What may be changed or be removed by its age after a job has ended. */
const changing = new Set(['name', 'tags', 'notes', 'priority', 'experiment', 'updatedAt', 'eventCount', 'forecast']);

/** Parts that stay as they were when the job ended; null: all are equal. */
function differenceOf(here: RecordedRows, given: RecordedRows): string | null {
  const fixed = (job: RecordedRows['job']) => {
    const { name, tags, notes, priority, experiment, ...spec } = job.spec;
    return Object.fromEntries(Object.entries({ ...job, spec }).filter(([field]) => !changing.has(field)));
  };
  for (const [name, value] of Object.entries(fixed(here.job))) {
    if (!isDeepStrictEqual(value, fixed(given.job)[name])) return `its fields ${name}`;
  }
  const parts = ['attempts', 'epochs', 'classes', 'confusion', 'predictions'] as const;
  const part = parts.find((each) => !isDeepStrictEqual(here[each], given[each]));
  if (part) return `its ${part}`;
  const withoutNames = ({ test }: RecordedRows) => test && { ...test, experiment: '' };
  return isDeepStrictEqual(withoutNames(here), withoutNames(given)) ? null : 'its test results';
}
