import { ConflictError } from '@trainyard/contracts';

/**
 * The attempt that writes is not the job's current one any more: it was taken for lost, or its job ended. Nothing was
 * written, and nothing that it writes ever will be; its worker should drop it.
 */
export class StaleAttemptError extends ConflictError {
  constructor() {
    super('this attempt is not the current one of its job');
  }
}

/** The database's tables were made by migrations other than ours; says which. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}
