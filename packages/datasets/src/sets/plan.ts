import type { SkippedFile } from '@trainyard/contracts';
import type { PackedOptions, PackedWriter } from '../packed/writer.js';
import type { OnProgress } from '../progress.js';

/** What is known of a set before all its pixels are decoded, and how they are written. */
export interface SetPlan extends Pick<PackedOptions, 'classes' | 'imageShape' | 'trainImages' | 'testImages'> {
  validationImages?: number;
  /** Name for the dataset where the user gives none; null: the source's name. */
  suggestedName: string | null;
  /** Frees what planning opened; called once, whether the set was written or not. */
  close?(): Promise<void>;
  write(writer: PackedWriter, report: OnProgress, signal?: AbortSignal): Promise<Written>;
}

/** What an import has to say about its images. */
export interface Written {
  notes: string[];
  warnings: string[];
  skipped: SkippedFile[];
  skippedCount: number;
}
