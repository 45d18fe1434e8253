import {
  type BulkAction,
  type BulkAnswer,
  type BulkBody,
  InvalidInputError,
  type JobState,
  jobStateSchema,
  maxBulkJobs,
  maxListedRefusals,
  maxTags,
  terminalStates,
} from '@trainyard/contracts';
import { z } from 'zod';
import { conditionsOf } from '../filter/conditionsOf.js';
import { checkStorable } from '../postgres/checkStorable.js';
import type { Connection, Postgres } from '../postgres/postgres.js';
import { join, json, type Sql, sql } from '../postgres/sql.js';
import { type Command, commands, whyRefused } from './control.js';
import { deletion } from './deletions.js';
import { enqueueAll, moveAll } from './transitions.js';

/*
 * One action for all jobs that a filter names
 *
 * The filter is evaluated once, so that a job which a worker starts meanwhile is not missed. Then batches of these ids
 * are changed, each in a transaction that first locks its rows: what happens to a job depends on the state that it has
 * under the lock, and another call or a worker finds the state that this one has left. So each job gets one transition
 * and one event, or none.
 */

/** Jobs of a transaction: a worker that ends one of them waits for no more than these. */
const batchSize = 500;
/** Fewer, because the rows of a job's epochs and events are deleted with it. */
const deletedBatchSize = 100;

const targetSchema = z.object({ id: z.string(), state: jobStateSchema, tags: z.array(z.string()) });
type Target = z.output<typeof targetSchema>;

/** What an action would do to a job: change it, nothing, or refuse with a reason. */
type Verdict = 'change' | 'nothing' | { refused: string };

interface Action {
  judge(job: Target): Verdict;
  /** Changes locked jobs, each of which `judge` lets change. */
  apply(tx: Connection, jobs: Target[]): Promise<void>;
}

const byState = (job: Target, from: readonly JobState[], done: readonly JobState[], refusal: string): Verdict => {
  if (from.includes(job.state)) return 'change';
  return done.includes(job.state) ? 'nothing' : { refused: whyRefused(refusal, job) };
};

function ofCommand({ moves, done, refusal }: Command): Action {
  const judge = (job: Target) =>
    byState(
      job,
      moves.flatMap(({ from }) => from),
      done,
      refusal,
    );
  const apply = async (tx: Connection, jobs: Target[]) => {
    for (const { from, queues, dropsResults, ...move } of moves) {
      const ids = jobs.filter(({ state }) => from.includes(state)).map(({ id }) => id);
      if (ids.length === 0) continue;
      const moved = await moveAll(tx, { where: sql`id = ANY(${ids}::text[])`, ...move });
      if (queues) await enqueueAll(tx, moved);
      if (dropsResults) await tx.prisma.testResults.deleteMany({ where: { jobId: { in: ids } } });
    }
  };
  return { judge, apply };
}

const deleting: Action = {
  judge: (job) => byState(job, terminalStates, [], 'only a job that has ended can be deleted'),
  async apply(tx, jobs) {
    await tx.execute(deletion(sql`id = ANY(${jobs.map(({ id }) => id)}::text[])`));
  },
};

function tagging(change: (tags: string[]) => string[]): Action {
  const judge = ({ id, tags }: Target): Verdict => {
    const { length } = change(tags);
    if (length > maxTags) return { refused: `a job can have ${maxTags} tags; job ${id} would have ${length}` };
    return length === tags.length ? 'nothing' : 'change';
  };
  const apply = async (tx: Connection, jobs: Target[]) => {
    const rows = jobs.map(({ id, tags }) => ({ id, from: tags, to: change(tags) }));
    await tx.execute(sql`
      WITH changed AS (
        UPDATE jobs SET tags = ARRAY(SELECT jsonb_array_elements_text(given."to")),
          spec = spec || jsonb_build_object('tags', given."to"), event_count = event_count + 1
        FROM jsonb_to_recordset(${json(rows)}) AS given(id text, "from" jsonb, "to" jsonb)
        WHERE jobs.id = given.id RETURNING jobs.id, event_count, attempt, given."from", given."to"
      )
      INSERT INTO events (job_id, sequence, type, at, attempt, data)
      SELECT id, event_count, 'changed', now(), attempt,
        jsonb_build_object('from', jsonb_build_object('tags', "from"), 'to', jsonb_build_object('tags', "to"))
      FROM changed`);
  };
  return { judge, apply };
}

function actionOf(action: BulkAction, tags: string[]): Action {
  switch (action) {
    case 'cancel':
    case 'retry':
      return ofCommand(commands[action]);
    case 'delete':
      return deleting;
    case 'tag':
      return tagging((before) => [...new Set([...before, ...tags])]);
    case 'untag':
      return tagging((before) => before.filter((tag) => !tags.includes(tag)));
  }
}

const columns = sql`jobs.id, jobs.state::text, jobs.tags`;

/** @throws InvalidInputError where the filter is wrong, or names more jobs than one call may change. */
async function select(postgres: Postgres, project: string, filter: string): Promise<Target[]> {
  const conditions = [sql`jobs.project = ${project}`, ...conditionsOf(filter)];
  const found = await postgres.query(
    targetSchema,
    sql`SELECT ${columns} FROM jobs LEFT JOIN test_results ON test_results.job_id = jobs.id
      WHERE ${join(conditions, ' AND ')} ORDER BY jobs.id LIMIT ${maxBulkJobs + 1}::int`,
  );
  if (found.length <= maxBulkJobs) return found;
  const remedy = 'narrow it, e.g. by AND created < "30d ago", and repeat the call';
  const detail = `must name at most ${maxBulkJobs} jobs; ${remedy}`;
  throw new InvalidInputError('the filter names too many jobs', [{ pointer: '/filter', detail }]);
}

const locked = (project: string, ids: string[]): Sql =>
  sql`SELECT ${columns} FROM jobs WHERE id = ANY(${ids}::text[]) AND project = ${project} ORDER BY id FOR UPDATE`;

/** Counts what happened to each job. */
class Tally {
  readonly changed: string[] = [];
  readonly refused: BulkAnswer['refused'] = [];
  refusedCount = 0;

  refuse(id: string, reason: string): void {
    this.refusedCount += 1;
    if (this.refused.length < maxListedRefusals) this.refused.push({ id, reason });
  }
}

export interface BulkOptions {
  /** How many jobs may change, of so many that would; the rest is refused with the reason. */
  room?: (wanted: number) => Promise<{ count: number; reason: string }>;
}

export interface BulkResult {
  answer: BulkAnswer;
  /** Ids of the changed jobs. */
  changed: string[];
}

/**
 * Does one action to all jobs of the project that the filter names, or only counts them. A failure in the middle leaves
 * the batches before it changed; the call can be repeated, and then changes the rest.
 *
 * @throws InvalidInputError
 */
export async function changeAll(
  postgres: Postgres,
  project: string,
  { action: name, filter, tags, dryRun }: BulkBody,
  { room }: BulkOptions = {},
): Promise<BulkResult> {
  checkStorable({ filter, tags });
  const action = actionOf(name, tags);
  const targets = await select(postgres, project, filter);
  const tally = new Tally();
  const wanted = targets.filter((job) => action.judge(job) === 'change').length;
  const allowed = room && !dryRun && wanted > 0 ? await room(wanted) : null;
  /** Sorts the jobs of a batch by what happens to them. @returns those that change */
  const judge = (jobs: Target[]): Target[] => {
    const changing: Target[] = [];
    for (const job of jobs) {
      const verdict = action.judge(job);
      if (verdict === 'nothing') continue;
      if (verdict !== 'change') tally.refuse(job.id, verdict.refused);
      else if (allowed && tally.changed.length + changing.length >= allowed.count) tally.refuse(job.id, allowed.reason);
      else changing.push(job);
    }
    return changing;
  };
  const size = name === 'delete' ? deletedBatchSize : batchSize;
  for (let first = 0; first < targets.length; first += size) {
    const batch = targets.slice(first, first + size);
    const changing = dryRun ? judge(batch) : await changeBatch(postgres, { project, batch, action, judge });
    tally.changed.push(...changing.map(({ id }) => id));
  }
  const { changed, refused, refusedCount } = tally;
  // With those that were deleted since the filter was evaluated.
  const unchanged = targets.length - changed.length - refusedCount;
  const counts = { changed: changed.length, unchanged, refusedCount };
  return { answer: { action: name, dryRun, matched: targets.length, ...counts, refused }, changed };
}

interface Batch {
  project: string;
  batch: Target[];
  action: Action;
  judge(jobs: Target[]): Target[];
}

function changeBatch(postgres: Postgres, { project, batch, action, judge }: Batch): Promise<Target[]> {
  const ids = batch.map(({ id }) => id);
  return postgres.transaction(async (tx) => {
    const jobs = judge(await tx.query(targetSchema, locked(project, ids)));
    if (jobs.length > 0) await action.apply(tx, jobs);
    return jobs;
  });
}
