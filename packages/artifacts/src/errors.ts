import { basename, dirname } from 'node:path';
import { TrainyardError } from '@trainyard/contracts';

/** A checkpoint's files are missing, changed or cut short. Whoever meets it falls back on the checkpoint before. */
export class CorruptCheckpointError extends TrainyardError {
  constructor(folder: string, reason: string, options?: ErrorOptions) {
    // Not the whole path: the message reaches users of the API.
    super(
      'internal',
      `the checkpoint ${basename(dirname(folder))}/${basename(folder)} is damaged: ${reason}`,
      [],
      options,
    );
  }
}
