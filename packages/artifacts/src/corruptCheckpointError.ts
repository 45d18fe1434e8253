import { basename, dirname } from 'node:path';
import { TrainyardError } from '@trainyard/contracts';

/** A file of a checkpoint is missing, changed or cut short. Callers then use the checkpoint before it. */
export class CorruptCheckpointError extends TrainyardError {
  constructor(folder: string, reason: string, options?: ErrorOptions) {
    // Not the whole path: users of the API see the message.
    const message = `the checkpoint ${basename(dirname(folder))}/${basename(folder)} is damaged: ${reason}`;
    super('internal', message, [], options);
  }
}
