import { ConflictError } from '@trainyard/contracts';

/**
 * The attempt is no longer the current one of its job: its worker was considered lost, or the job ended. The write that
 * throws this stored nothing, and no later write of the attempt will; its worker should stop it.
 */
export class StaleAttemptError extends ConflictError {
  constructor() {
    super('this attempt is not the current one of its job');
  }
}
