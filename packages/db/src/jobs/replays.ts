import { completeJobSpecSchema, NotFoundError, type ReplayReport } from '@trainyard/contracts';
import { z } from 'zod';
import { type Postgres, parseRow } from '../postgres/postgres.js';
import { compareReplay, type ReplayedJob } from './compareReplay.js';

const specSchema = z.object({ spec: completeJobSpecSchema });

async function read({ prisma }: Postgres, project: string, id: string) {
  const job = await prisma.job.findUnique({
    where: { id, project },
    select: { state: true, spec: true, replayOf: true },
  });
  if (job === null) return null;
  const [epochs, best] = await Promise.all([
    prisma.epochMetrics.findMany({
      where: { jobId: id },
      omit: { jobId: true, attempt: true },
      orderBy: { epoch: 'asc' },
    }),
    prisma.checkpoint.findFirst({ where: { jobId: id, best: true }, select: { weightsSha256: true } }),
  ]);
  const { spec } = parseRow(specSchema, job);
  const replayed: ReplayedJob = { id, state: job.state, spec, epochs, bestWeights: best?.weightsSha256 ?? null };
  return { replayed, replayOf: job.replayOf };
}

/** How a job compares with the one that it replays. @throws NotFoundError, also for a job that replays none. */
export async function reportReplay(postgres: Postgres, project: string, id: string): Promise<ReplayReport> {
  const job = await read(postgres, project, id);
  if (!job) throw new NotFoundError(`job ${id}`);
  if (job.replayOf === null) throw new NotFoundError(`an original of job ${id}, which is no replay,`);
  const original = await read(postgres, project, job.replayOf);
  return compareReplay(job.replayed, original?.replayed ?? null, job.replayOf);
}
