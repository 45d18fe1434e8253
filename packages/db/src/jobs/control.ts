import { ConflictError, type JobState, jobStateSchema, NotFoundError } from '@trainyard/contracts';
import { z } from 'zod';
import type { Postgres } from '../postgres/postgres.js';
import { sql } from '../postgres/sql.js';
import { enqueue, type Move, move, noFailure } from './transitions.js';

/**
 * A user's command to a job: the moves that carry it out, of which at most one fits the job's state. A command can be
 * repeated after a lost answer: a job that has reached the state that it leads to, or is on the way there, stays as it
 * is.
 */
export type Command = {
  moves: (Omit<Move, 'where'> & { from: readonly JobState[]; queues?: boolean; dropsResults?: boolean })[];
  /** States in which the command has nothing (more) to do. */
  done: readonly JobState[];
  /** Why all other states refuse the command. */
  refusal: string;
};

/** Cancels a queued or paused job at once. A running one becomes `cancelling`, and a second command changes nothing. */
const cancel: Command = {
  moves: [
    {
      from: ['queued', 'paused'],
      set: [sql`state = 'cancelled', finished_at = now()`],
      events: [{ type: 'cancelled' }],
    },
    { from: ['running', 'pausing'], set: [sql`state = 'cancelling'`], events: [{ type: 'cancelling' }] },
  ],
  done: ['cancelling', 'cancelled'],
  refusal: 'a job that has succeeded or failed cannot be cancelled',
};

/** Pauses a queued job at once. A running one becomes `pausing`; its attempt is handed back with a checkpoint. */
const pause: Command = {
  moves: [
    { from: ['queued'], set: [sql`state = 'paused'`], events: [{ type: 'paused' }] },
    { from: ['running'], set: [sql`state = 'pausing'`], events: [{ type: 'pausing' }] },
  ],
  done: ['pausing', 'paused'],
  refusal: 'only a queued or running job can be paused',
};

/**
 * Queues a paused job, to resume from its newest checkpoint. One that is still pausing continues, or is handed back.
 */
const resume: Command = {
  moves: [
    {
      from: ['paused'],
      set: [sql`state = 'queued', attempt = attempt + 1`],
      events: [{ type: 'resumed' }],
      queues: true,
    },
    { from: ['pausing'], set: [sql`state = 'running'`], events: [{ type: 'resumed' }] },
  ],
  done: ['queued', 'running'],
  refusal: 'only a paused job can be resumed',
};

/**
 * Queues the job again; it keeps its earlier attempts and resumes from its newest checkpoint. The test that it has is a
 * partial one, which the next attempt replaces.
 */
const retry: Command = {
  moves: [
    {
      from: ['failed', 'cancelled'],
      set: [sql`state = 'queued', attempt = attempt + 1, failures = 0, finished_at = NULL, progress = NULL`, noFailure],
      events: [{ type: 'retried' }],
      queues: true,
      dropsResults: true,
    },
  ],
  done: ['queued', 'running'],
  refusal: 'only a failed or cancelled job can be retried',
};

export const commands = { cancel, pause, resume, retry };
export type CommandName = keyof typeof commands;

export const whyRefused = (refusal: string, { id, state }: { id: string; state: JobState }): string =>
  `${refusal}; job ${id} is ${state}`;

const stateSchema = z.object({ state: jobStateSchema });

export type JobRef = { project: string; id: string };

/**
 * @returns whether the command changed the job; false where there was nothing (more) to do.
 * @throws NotFoundError, or ConflictError if the job's state refuses the command.
 */
export async function control(
  postgres: Postgres,
  { project, id }: JobRef,
  { moves, done, refusal }: Command,
): Promise<boolean> {
  return postgres.transaction(async (tx) => {
    // Locked, the state stays as it is read: a job that goes from one state of `moves` to another meanwhile is missed
    // by none of them.
    const [job] = await tx.query(
      stateSchema,
      sql`SELECT state::text FROM jobs WHERE id = ${id} AND project = ${project} FOR UPDATE`,
    );
    if (!job) throw new NotFoundError(`job ${id}`);
    const fitting = moves.find(({ from }) => from.includes(job.state));
    if (!fitting && done.includes(job.state)) return false;
    if (!fitting) throw new ConflictError(whyRefused(refusal, { id, ...job }));
    const { from: _, queues, dropsResults, ...rest } = fitting;
    const moved = await move(tx, { where: sql`id = ${id}`, ...rest });
    if (moved && queues) await enqueue(tx, moved);
    if (dropsResults) await tx.prisma.testResults.deleteMany({ where: { jobId: id } });
    return true;
  });
}
