import { readFile } from 'node:fs/promises';
import type { DiskArtifactStore, ExportedFile } from '@trainyard/artifacts';
import {
  type CheckpointAnswer,
  ConflictError,
  isTerminal,
  type Verification,
  type VerifyBody,
} from '@trainyard/contracts';
import type { ProjectDatasets } from '@trainyard/datasets';
import type { Project, StoredCheckpoint } from '@trainyard/db';
import type { FastifyBaseLogger } from 'fastify';
import { exportCheckpoint } from '../exportCheckpoint.js';
import { findCheckpoint } from '../findCheckpoint.js';
import { findJob } from '../findJob.js';
import { type Comparison, comparisonOf } from './comparison.js';
import { type Reader, readers } from './readers.js';

/** Images that a reader is given at once. */
const batch = 50;
/** Of one file. */
const maxMilliseconds = 10 * 60 * 1000;
/** Checkpoints that wait in this process. */
const maxWaiting = 4;

type Running = Parameters<Project['verifications']['start']>[2][number];
interface Task {
  project: Project;
  stored: StoredCheckpoint;
  comparison: Comparison;
  files: { reader: Reader; exported: ExportedFile; row: Running }[];
}

/**
 * Has the exact bytes of downloads read by programs that are not Trainyard's, and compares them with the stored test:
 * one checkpoint after the other, in threads of their own, so that the event loop is free.
 */
export class Verifier {
  private last: Promise<void> = Promise.resolve();
  private waiting = 0;
  private closed = false;

  constructor(
    private readonly artifacts: DiskArtifactStore,
    private readonly logger: Pick<FastifyBaseLogger, 'warn' | 'info'>,
  ) {}

  /**
   * Begins with a checkpoint, or goes on with it where that runs already.
   * @param ref `best`, `last` or the number of an epoch
   * @throws NotFoundError; ConflictError; TrainyardError where the checkpoint is damaged, with an intact one to use
   */
  async start(
    project: Project,
    datasets: ProjectDatasets,
    { id, ref, body }: { id: string; ref: string; body: VerifyBody },
  ): Promise<Verification[]> {
    const stored = await findCheckpoint(project, id, ref);
    const { epoch } = stored.checkpoint;
    const { state } = await findJob(project, id);
    if (!isTerminal(state)) throw new ConflictError(`job ${id} is ${state}; verify its checkpoint when it has ended`);
    const known = await project.verifications.list(id, epoch);
    if (known.some((one) => one.state === 'running')) return known;
    if (this.waiting >= maxWaiting)
      throw new ConflictError(`${maxWaiting} checkpoints wait for their verification; try again when one has ended`);
    const comparison = await comparisonOf(project, datasets, stored, body);
    const files = await Promise.all(
      readers.map((reader) => this.fileOf({ project, datasets }, { id, ref }, reader, comparison)),
    );
    const rows = files.map(({ row }) => row);
    await project.verifications.start(id, epoch, rows);
    this.waiting++;
    this.last = this.last.then(() => this.run({ project, stored, comparison, files })).finally(() => this.waiting--);
    return project.verifications.list(id, epoch);
  }

  /** Ends what runs; the rows say then that it was interrupted. */
  async close(): Promise<void> {
    this.closed = true;
    await this.last;
  }

  private async fileOf(
    { project, datasets }: { project: Project; datasets: ProjectDatasets },
    { id, ref }: { id: string; ref: string },
    reader: Reader,
    to: Comparison,
  ) {
    const { choice, name, version } = reader;
    const exported = await exportCheckpoint(project, { artifacts: this.artifacts, datasets }, { id, ref, choice });
    const row: Running = {
      format: choice.format,
      input: choice.input ?? null,
      sha256: exported.sha256,
      reader: name,
      readerVersion: version,
      images: to.indices.length,
      testImages: to.labels.length,
      expected: to.expected,
      tolerance: to.tolerance,
    };
    return { reader, exported, row };
  }

  private async run({ project, stored, comparison, files }: Task): Promise<void> {
    const { jobId } = stored.manifest;
    const { epoch } = stored.checkpoint;
    for (const { reader, exported, row } of files) {
      const outcome = await this.verify(reader, exported, stored, comparison).catch((error: Error) => ({
        state: 'failed' as const,
        correct: null,
        message: error.message.slice(0, 500),
      }));
      await project.verifications
        .finish(jobId, epoch, row, outcome)
        .catch((err: unknown) => this.logger.warn({ err, jobId }, 'cannot store a verification'));
      this.logger.info({ jobId, epoch, reader: reader.name, ...outcome }, 'checkpoint verified');
    }
  }

  private async verify(reader: Reader, exported: ExportedFile, { manifest }: StoredCheckpoint, to: Comparison) {
    const bytes = await readFile(exported.path);
    const opened = await reader.open(bytes, exported.sha256, manifest);
    const deadline = performance.now() + maxMilliseconds;
    try {
      let correct = 0;
      for (let from = 0; from < to.indices.length; from += batch) {
        if (this.closed) throw new Error('the service stopped; verify the checkpoint again');
        if (performance.now() > deadline)
          throw new Error(`${from} images took ${maxMilliseconds / 60_000} minutes; verify it on fewer images`);
        const indices = to.indices.slice(from, from + batch);
        const pixels = await to.packed.readImages('test', indices);
        const probabilities = await opened.classify(pixels, [indices.length, ...manifest.inputShape]);
        const labels = indices.map((image) => to.labels[image]);
        correct += countCorrect(probabilities, labels, manifest.dataset.classes.length);
      }
      const state = Math.abs(correct - to.expected) <= to.tolerance ? ('verified' as const) : ('different' as const);
      return { state, correct, message: null };
    } finally {
      await opened.close();
    }
  }
}

function countCorrect(probabilities: Float32Array, labels: readonly (number | undefined)[], classes: number): number {
  return labels.filter((label, image) => {
    const row = probabilities.subarray(image * classes, (image + 1) * classes);
    return row.indexOf(Math.max(...row)) === label;
  }).length;
}

/** A checkpoint as it is shown: its manifest, and what readers made of its downloads. */
export async function checkpointAnswer(project: Project, { manifest, checkpoint }: StoredCheckpoint) {
  const verifications = checkpoint.step === 0 ? await project.verifications.list(manifest.jobId, checkpoint.epoch) : [];
  const answer: CheckpointAnswer = { ...manifest, verified: isVerified(verifications), verifications };
  return answer;
}

const isVerified = (verifications: readonly Verification[]): boolean =>
  verifications.length === readers.length && verifications.every(({ state }) => state === 'verified');
