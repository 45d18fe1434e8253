import { type ExportChoice, type Verification, verificationSchema } from '@trainyard/contracts';
import { z } from 'zod';
import type { Postgres } from '../postgres/postgres.js';
import { json, sql } from '../postgres/sql.js';

/** A verification that runs for longer was interrupted: its process has ended. */
const longestHours = 1;

const rowSchema = verificationSchema.extend({
  input: z.string(),
  startedAt: z.date(),
  finishedAt: z.date().nullable(),
  interrupted: z.boolean(),
});

type Running = Omit<Verification, 'state' | 'correct' | 'message' | 'startedAt' | 'finishedAt'>;
type Outcome = Pick<Verification, 'state' | 'correct' | 'message'>;

/** What readers made of the downloads of a project's checkpoints. */
export class Verifications {
  constructor(
    private readonly postgres: Postgres,
    private readonly project: string,
  ) {}

  /** Of a checkpoint, by format. */
  async list(jobId: string, epoch: number): Promise<Verification[]> {
    const rows = await this.postgres.query(
      rowSchema,
      sql`
      SELECT format, input, verified.state, sha256, reader, reader_version AS "readerVersion", images,
        test_images AS "testImages", correct, expected, tolerance, message, verified.started_at AS "startedAt",
        verified.finished_at AS "finishedAt",
        verified.state = 'running' AND verified.started_at < now() - make_interval(hours => ${longestHours}::int)
          AS interrupted
      FROM verifications AS verified JOIN jobs ON jobs.id = verified.job_id
      WHERE jobs.project = ${this.project} AND job_id = ${jobId} AND epoch = ${epoch}::int ORDER BY format, input`,
    );
    return rows.map(toVerification);
  }

  /** The newest verification of one file; null where there is none. */
  async find(jobId: string, epoch: number, { format, input }: ExportChoice): Promise<Verification | null> {
    const all = await this.list(jobId, epoch);
    const wanted = format === 'onnx' ? (input ?? 'float32') : null;
    return all.find((one) => one.format === format && one.input === wanted) ?? null;
  }

  /** Replaces what was known of these files. */
  async start(jobId: string, epoch: number, files: readonly Running[]): Promise<void> {
    const rows = files.map((file) => ({ ...file, input: file.input ?? '' }));
    await this.postgres.execute(sql`
      INSERT INTO verifications (job_id, epoch, format, input, state, sha256, reader, reader_version, images,
        test_images, expected, tolerance, started_at)
      SELECT jobs.id, ${epoch}::int, format, input, 'running', sha256, reader, "readerVersion", images, "testImages",
        expected, tolerance, now()
      FROM jobs, jsonb_to_recordset(${json(rows)}) AS given(format text, input text, sha256 text, reader text,
        "readerVersion" text, images int, "testImages" int, expected int, tolerance int)
      WHERE jobs.id = ${jobId} AND jobs.project = ${this.project}
      ON CONFLICT (job_id, epoch, format, input) DO UPDATE SET state = 'running', sha256 = excluded.sha256,
        reader = excluded.reader, reader_version = excluded.reader_version, images = excluded.images,
        test_images = excluded.test_images, correct = NULL, expected = excluded.expected,
        tolerance = excluded.tolerance, message = NULL, started_at = excluded.started_at, finished_at = NULL`);
  }

  /** Does nothing where the job was deleted meanwhile. */
  async finish(jobId: string, epoch: number, file: Running, { state, correct, message }: Outcome): Promise<void> {
    await this.postgres.execute(sql`
      UPDATE verifications SET state = ${state}, correct = ${correct}::int, message = ${message}, finished_at = now()
      FROM jobs WHERE jobs.id = verifications.job_id AND jobs.project = ${this.project} AND job_id = ${jobId}
        AND epoch = ${epoch}::int AND format = ${file.format} AND input = ${file.input ?? ''}`);
  }
}

function toVerification({ interrupted, ...row }: z.output<typeof rowSchema>): Verification {
  const ended = interrupted
    ? { state: 'failed' as const, message: 'the process that verified it has ended; verify the checkpoint again' }
    : {};
  return verificationSchema.parse({
    ...row,
    input: row.input || null,
    startedAt: row.startedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    ...ended,
  });
}
