import { isDeepStrictEqual } from 'node:util';
import { type JobPatch, jobSpecSchema, NotFoundError, PreconditionError } from '@trainyard/contracts';
import { z } from 'zod';
import { checkStorable } from '../postgres/checkStorable.js';
import type { Postgres } from '../postgres/postgres.js';
import { json, sql } from '../postgres/sql.js';
import type { JobRef } from './control.js';
import { queueHead } from './queueOrder.js';
import { version } from './selectJobs.js';

const editableSchema = z.object({
  name: z.string().nullable(),
  tags: z.array(z.string()),
  notes: z.string(),
  priority: z.int(),
});
type Editable = z.output<typeof editableSchema>;

const defaults: Editable = editableSchema.parse(jobSpecSchema.parse({ architecture: 'lenet' }));

/** The fields that the patch changes, and what they were. */
function changesOf(patch: JobPatch, job: Editable): { from: Partial<Editable>; to: Partial<Editable> } {
  const keys = (Object.keys(defaults) as (keyof Editable)[]).filter((key) => {
    const value = patch[key];
    return value !== undefined && !isDeepStrictEqual(value ?? defaults[key], job[key]);
  });
  const pick = (of: (key: keyof Editable) => unknown) => Object.fromEntries(keys.map((key) => [key, of(key)]));
  return { from: pick((key) => job[key]), to: pick((key) => patch[key] ?? defaults[key]) };
}

/**
 * Changes what a user may change of a job in any state, in the stored spec too, so that the spec can be sent again as
 * the job is. A queued job gets the place of its new priority: workers start the first job in Postgres, whatever the
 * priority of the delivery in the queue is. `updated_at` stays: it says since when a queued job waits.
 *
 * @param accepts whether the job may be changed from this version; asked while the row is locked.
 * @returns whether the patch changed anything; if so the job has one more event.
 * @throws NotFoundError; PreconditionError where `accepts` refuses.
 */
export function editJob(
  postgres: Postgres,
  { project, id }: JobRef,
  patch: JobPatch,
  accepts: (version: string) => boolean,
): Promise<boolean> {
  checkStorable(patch);
  return postgres.transaction(async (tx) => {
    const [job] = await tx.query(
      editableSchema,
      sql`SELECT name, tags, notes, priority FROM jobs WHERE id = ${id} AND project = ${project} FOR UPDATE`,
    );
    if (!job) throw new NotFoundError(`job ${id}`);
    const [current] = await tx.query(
      z.object({ version: z.string() }),
      sql`${queueHead} SELECT ${version} AS version FROM jobs WHERE id = ${id}`,
    );
    if (!accepts(current?.version ?? '')) {
      throw new PreconditionError(`job ${id} has changed since the version of If-Match; read it again`);
    }
    const changes = changesOf(patch, job);
    const { name, tags, notes, priority } = { ...job, ...changes.to };
    if (Object.keys(changes.to).length === 0) return false;
    await tx.execute(sql`
      WITH changed AS (
        UPDATE jobs SET name = ${name}, tags = ${tags}::text[], notes = ${notes}, priority = ${priority}::int,
          spec = spec || ${json(changes.to)}, event_count = event_count + 1
        WHERE id = ${id} RETURNING id, event_count, attempt
      )
      INSERT INTO events (job_id, sequence, type, at, attempt, data)
      SELECT id, event_count, 'changed', now(), attempt, ${json(changes)} FROM changed`);
    return true;
  });
}
