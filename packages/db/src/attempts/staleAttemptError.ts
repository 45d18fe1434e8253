import { ConflictError } from '@trainyard/contracts';

/**
 * The attempt is no longer the current one of its job: its worker was considered lost, or the job ended. The write that
 * throws this stored nothing, and no later write of the attempt will; its worker should stop it.
 */
export class StaleAttemptError extends ConflictError {
  constructor(message = 'this attempt is not the current one of its job') {
    super(message);
  }
}

/**
 * The database does not have the epochs that a write builds on: it has lost rows, as when a standby that lagged took
 * over. The attempt is still the current one of its job, but may only be handed back: the next one resumes from what
 * the database has.
 */
export class LostEpochsError extends StaleAttemptError {
  constructor(known: number, trained: number) {
    super(
      `the database has lost what it stored after epoch ${known}, as when a standby that lagged takes over; ` +
        `the attempt had trained ${trained} epochs, and the next one goes on from what the database has`,
    );
  }
}
