import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type BatchFormat, batchPredictionIdSchema, projectSchema } from '@trainyard/contracts';
import type { Database } from '@trainyard/db';

/** A folder of results is not removed before it is so old: its row may be about to be committed. */
const graceMs = 60 * 60 * 1000;

/**
 * The results of predictions: `<root>/<project>/<folder>/results.csv` and `.parquet`. Each start of a batch writes a
 * folder of its own, whose name the row gets at the end, so that a process that should be dead overwrites nothing.
 */
export class BatchFiles {
  constructor(private readonly root: string) {}

  /** Path for the results of one start, which does not exist yet. */
  async newFolder(project: string, id: string): Promise<{ name: string; path: string }> {
    const name = `${batchPredictionIdSchema.parse(id)}-${randomBytes(6).toString('hex')}`;
    await mkdir(this.projectFolder(project), { recursive: true });
    return { name, path: this.folder(project, name) };
  }

  file(project: string, folder: string, format: BatchFormat): string {
    return join(this.folder(project, folder), `results.${format}`);
  }

  async remove(project: string, folder: string): Promise<void> {
    await rm(this.folder(project, folder), { recursive: true, force: true });
  }

  /** Removes what dead processes had written, and folders of batches whose rows are gone. @returns how many */
  async sweep(batches: Pick<Database['batches'], 'foldersOf'>, grace = graceMs): Promise<number> {
    let removed = 0;
    for (const project of await readdir(this.root).catch(() => [])) {
      if (!projectSchema.safeParse(project).success) continue;
      const folders = (await readdir(this.projectFolder(project))).filter((name) => folderName.test(name));
      const rows = await batches.foldersOf(folders.map(idOf));
      const kept = new Map(rows.map((row) => [row.id, row]));
      for (const folder of folders) {
        const row = kept.get(idOf(folder));
        if (row?.running || row?.folder === folder) continue;
        const info = await stat(this.folder(project, folder)).catch(() => null);
        if (info === null || Date.now() - info.mtimeMs < grace) continue;
        await this.remove(project, folder);
        removed++;
      }
    }
    return removed;
  }

  private projectFolder(project: string): string {
    return join(this.root, projectSchema.parse(project));
  }

  private folder(project: string, name: string): string {
    if (!folderName.test(name)) throw new Error(`${name} is no folder of results`);
    return join(this.projectFolder(project), name);
  }
}

const folderName = /^prd_[0-9a-z]{26}-[0-9a-f]{12}$/;
const idOf = (folder: string): string => folder.slice(0, folder.indexOf('-'));
