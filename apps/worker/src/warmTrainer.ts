import { type TrainerOptions, TrainerProcess } from './trainerProcess.js';

/** Keeps one trainer ready whose modules and addon are loaded, so that a job starts in milliseconds. */
export class WarmTrainer {
  #next: TrainerProcess | null = null;

  constructor(private readonly options: TrainerOptions) {}

  /** Forks the next trainer where none waits. Called when a job is under way, so as not to compete with its start. */
  warmUp(): void {
    if (!this.#next?.alive) this.#next = new TrainerProcess(this.options);
  }

  /** A trainer of the caller's own. */
  take(): TrainerProcess {
    this.warmUp();
    const trainer = this.#next as TrainerProcess;
    this.#next = null;
    return trainer;
  }

  async close(): Promise<void> {
    await this.#next?.kill();
    this.#next = null;
  }
}
