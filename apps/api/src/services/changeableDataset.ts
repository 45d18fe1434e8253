import { ConflictError, NotFoundError, TrainyardError } from '@trainyard/contracts';
import type { DatasetStore, DatasetStores } from '@trainyard/datasets';
import type { Caller, Database } from '@trainyard/db';
import { managedProject } from './managedProject.js';

/**
 * The store that has the dataset, if the caller may change it and no job that has not ended needs it.
 * @param version null: all versions are to change
 * @throws NotFoundError, ConflictError with the jobs; TrainyardError `forbidden` for a shared dataset
 */
export async function changeableStore(
  { datasets, db }: { datasets: Pick<DatasetStores, 'project' | 'shared'>; db: Pick<Database, 'jobsUsing'> },
  caller: Caller,
  name: string,
  version: number | null,
): Promise<DatasetStore> {
  const project = datasets.project(caller.project);
  const found = await project.locate(name, version);
  const which = version === null ? name : `${name}@${version}`;
  if (found === null) throw new NotFoundError(`dataset ${which}`);
  if (found.shared && !(caller.role === 'admin' && managedProject(caller) === null)) {
    throw new TrainyardError(
      'forbidden',
      `${name} is shared by all projects: only an admin of the default project may change it`,
    );
  }
  const jobs = await db.jobsUsing({ project: found.shared ? null : caller.project, dataset: name, version });
  if (jobs.length > 0) {
    throw new ConflictError(
      `${which} is needed by jobs that have not ended (${jobs.join(', ')}); wait for them, or cancel them`,
    );
  }
  return found.shared ? datasets.shared : project.own;
}
