import { NotFoundError, TrainyardError } from '@trainyard/contracts';
import type { DatasetStore, DatasetStores, Guard } from '@trainyard/datasets';
import type { Caller, Database } from '@trainyard/db';
import { managedProject } from './managedProject.js';

interface Services {
  datasets: Pick<DatasetStores, 'project' | 'shared'>;
  db: Pick<Database, 'changeUnused'>;
}

/**
 * The store that has the dataset, if the caller may change it; `guard` runs the change, or throws ConflictError where
 * jobs that have not ended need the dataset.
 * @param version null: all versions are to change
 * @throws NotFoundError; TrainyardError `forbidden` for a shared dataset
 */
export async function changeableDataset(
  { datasets, db }: Services,
  caller: Caller,
  name: string,
  version: number | null,
): Promise<{ store: DatasetStore; guard: Guard }> {
  const project = datasets.project(caller.project);
  const found = await project.locate(name, version);
  if (found === null) throw new NotFoundError(`dataset ${version === null ? name : `${name}@${version}`}`);
  if (found.shared && !(caller.role === 'admin' && managedProject(caller) === null)) {
    throw new TrainyardError(
      'forbidden',
      `${name} is shared by all projects: only an admin of the default project may change it`,
    );
  }
  const use = { project: found.shared ? null : caller.project, dataset: name, version };
  return {
    store: found.shared ? datasets.shared : project.own,
    guard: (change) => db.changeUnused(use, change),
  };
}
