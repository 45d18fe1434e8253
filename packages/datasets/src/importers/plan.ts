import type { PackedOptions, PackedWriter } from '../packed.js';
import type { OnProgress } from '../progress.js';

/** What an importer found out before it decodes any pixel, and how to write the pixels. */
export interface ImportPlan extends Pick<PackedOptions, 'classes' | 'imageShape' | 'trainImages' | 'testImages'> {
  write(writer: PackedWriter, onProgress: OnProgress): Promise<void>;
}
