import type { EpochMetrics, Job, JobEvent } from '@trainyard/contracts';
import { formatEpoch } from '../format/epochs.js';
import { printable, type Terminal } from '../terminal.js';
import { epochOf, messageOf, resumedFrom } from './eventData.js';

/** Formats a job's events as lines. It remembers the best value so far, because an epoch's line compares with it. */
export class JobStory {
  private best: number | null = null;
  /** Executor and device of the last epoch that was printed. */
  private engine: string | null = null;

  constructor(
    private readonly job: Pick<Job, 'id' | 'spec' | 'maxAttempts'>,
    private readonly terminal: Terminal,
  ) {}

  /** The event's lines; none for one that needs none. */
  lines(event: JobEvent): string[] {
    if (event.type === 'epoch') return this.epoch(event);
    const line = this.line(event);
    return line === null ? [] : [line];
  }

  private line(event: JobEvent): string | null {
    const message = printable(messageOf(event));
    switch (event.type) {
      case 'started':
        return `attempt ${event.attempt} started${fromCheckpoint(event)}`;
      case 'warning':
        return this.terminal.paint('yellow', `warning: ${message}`);
      case 'overfitting':
        return this.terminal.paint('yellow', 'overfitting: the validation loss rises while the training loss falls');
      case 'attemptFailed':
        return this.terminal.paint('yellow', `attempt ${event.attempt} failed: ${message}`);
      case 'handedBack':
        return `attempt ${event.attempt} was handed back by its worker; the job waits for another`;
      case 'pausing':
        return 'pausing';
      case 'paused':
        return `paused; let it go on with: trainyard resume ${this.job.id}`;
      case 'resumed':
        return 'resumed';
      case 'cancelling':
        return 'cancelling';
      case 'retried':
        return 'submitted again';
      default:
        return null;
    }
  }

  /** Printed before the first epoch, and when a later attempt uses another executor or device. */
  private newEngine({ executor, device }: EpochMetrics): string[] {
    const engine = executor && printable(`computed by ${executor} on ${device}`);
    if (!engine || engine === this.engine) return [];
    this.engine = engine;
    return [engine];
  }

  private epoch(event: JobEvent): string[] {
    const metrics = epochOf(event);
    if (!metrics) return [];
    const { metric } = this.job.spec.checkpoint;
    const width = this.terminal.isTTY ? this.terminal.columns : undefined;
    const lines = [...this.newEngine(metrics), formatEpoch(metrics, this.job.spec.epochs, this.best, metric, width)];
    if (metrics.best) this.best = metrics[metric];
    return lines;
  }
}

function fromCheckpoint(event: JobEvent): string {
  const { epoch, step } = resumedFrom(event);
  if (epoch === 0 && step === 0) return '';
  return `, from the checkpoint after epoch ${epoch}${step > 0 ? `, step ${step}` : ''}`;
}
