import type { TrainyardClient } from '@trainyard/client';
import { type JobRecord, type RecordedFile, TrainyardError } from '@trainyard/contracts';
import { type Damage, faultOf, type ListedFile } from './manifest.js';
import { writeFileOf } from './partWriter.js';

export interface ExportedJob {
  record: JobRecord;
  files: ListedFile[];
  damaged: Damage[];
}

/** Downloads the files of a job that are not in the folder yet. Checkpoints that are damaged there are left out. */
export async function filesOf(
  client: TrainyardClient,
  folder: string,
  record: JobRecord,
  signal: AbortSignal,
): Promise<ExportedJob> {
  const { id } = record.job;
  const files: ListedFile[] = [];
  const damaged: Damage[] = [];
  for (const file of record.files) {
    const path = pathOf(id, file);
    const listed = { path, bytes: file.bytes, sha256: file.sha256, rows: null };
    if ((await faultOf(folder, listed)) !== null) {
      const got = await download(client, folder, id, file, signal);
      if (got !== file.sha256) damaged.push({ jobId: id, path, expected: file.sha256, got });
    }
    files.push(listed);
  }
  const lost = new Set(damaged.map(({ path }) => path.split('/').at(-2)));
  const whole = (name: string | undefined) => !lost.has(name);
  const withFiles = new Set(record.files.map((file) => file.folder).filter(whole));
  return {
    record: {
      ...record,
      files: record.files.filter((file) => whole(file.folder)),
      checkpoints: record.checkpoints.filter((checkpoint) => withFiles.has(checkpoint.folder)),
    },
    files: files.filter(({ path }) => whole(path.split('/').at(-2))),
    damaged,
  };
}

/** Of a file of a job within an export. */
export const pathOf = (jobId: string, { folder, name }: Pick<RecordedFile, 'folder' | 'name'>): string =>
  `checkpoints/${jobId}/${folder}/${name}`;

/** @returns the digest of what came; the file is kept where it is the right one */
async function download(
  client: TrainyardClient,
  folder: string,
  id: string,
  file: RecordedFile,
  signal: AbortSignal,
): Promise<string> {
  const { stream, sha256 } = await client.downloadJobFile(id, file, { signal });
  if (sha256 !== file.sha256) {
    await stream.cancel();
    return sha256;
  }
  await writeFileOf(folder, pathOf(id, file), stream, (got) => {
    if (got === sha256) return;
    throw new TrainyardError('unavailable', `${pathOf(id, file)} came with the SHA-256 ${got} instead of ${sha256}`);
  });
  return sha256;
}
