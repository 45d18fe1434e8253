import { TrainyardError } from '@trainyard/contracts';

/** A checkpoint's files are missing, changed or cut short. Whoever meets it falls back on the checkpoint before. */
export class CorruptCheckpointError extends TrainyardError {
  constructor(folder: string, reason: string, options?: ErrorOptions) {
    super('internal', `the checkpoint ${folder} is damaged: ${reason}`, [], options);
  }
}
