import { type TrainerOptions, TrainerProcess } from './trainerProcess.js';

/** Keeps one trainer ready that has loaded its modules and the addon, so that a job starts within milliseconds. */
export class WarmTrainer {
  #next: TrainerProcess | null = null;

  constructor(private readonly options: TrainerOptions) {}

  /** Forks the next trainer if there is none. Called when a job already runs, so as not to slow down its start. */
  warmUp(): void {
    this.#ready();
  }

  /** A trainer that the caller owns from now on. */
  take(): TrainerProcess {
    const trainer = this.#ready();
    this.#next = null;
    return trainer;
  }

  async close(): Promise<void> {
    await this.#next?.kill();
    this.#next = null;
  }

  #ready(): TrainerProcess {
    if (!this.#next?.alive) this.#next = new TrainerProcess(this.options);
    return this.#next;
  }
}
