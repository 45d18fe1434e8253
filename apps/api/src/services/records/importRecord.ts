import { type DiskArtifactStore, JobFiles } from '@trainyard/artifacts';
import type { ImportedRecord, JobRecord } from '@trainyard/contracts';
import type { Project } from '@trainyard/db';
import { checkRecord } from './checkRecord.js';

/**
 * Stores a job that another installation has run: its files first, then all its rows in one transaction. Repeated, it
 * changes nothing; interrupted at any moment, it can be repeated.
 * @param from where the record comes from, for people
 * @throws ConflictError where a job with this id and other content is there; InvalidInputError
 */
export async function importRecord(
  project: Pick<Project, 'name' | 'records'>,
  artifacts: DiskArtifactStore,
  record: JobRecord,
  from: string,
): Promise<ImportedRecord> {
  checkRecord(record);
  const { files, ...rows } = record;
  const { id } = rows.job;
  if (await project.records.has(rows)) return { id, outcome: 'unchanged', missing: [] };
  const missing = await new JobFiles(artifacts).commit(project.name, id, files);
  if (missing.length > 0) return { id, outcome: 'incomplete', missing };
  const stored = await project.records.store(rows, from);
  return { id, outcome: stored ? 'imported' : 'unchanged', missing: [] };
}

/** Everything that is stored of a job. @throws NotFoundError; ConflictError where it has not ended */
export async function exportRecord(
  project: Pick<Project, 'records'>,
  artifacts: DiskArtifactStore,
  id: string,
): Promise<JobRecord> {
  const rows = await project.records.find(id);
  const folders = rows.checkpoints.map(({ folder }) => folder);
  return { ...rows, files: await new JobFiles(artifacts).list(id, folders) };
}
