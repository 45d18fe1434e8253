import { NotFoundError } from '@trainyard/contracts';
import type { ProjectDatasets } from '@trainyard/datasets';

/** @throws NotFoundError */
export async function openDataset(
  datasets: ProjectDatasets,
  name: string,
  version: number | null = null,
): Promise<NonNullable<Awaited<ReturnType<ProjectDatasets['open']>>>> {
  const packed = await datasets.open(name, version);
  if (packed === null) throw new NotFoundError(`dataset ${version === null ? name : `${name}@${version}`}`);
  return packed;
}
