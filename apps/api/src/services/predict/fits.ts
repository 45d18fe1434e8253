import { type CheckpointManifest, importOptionsSchema } from '@trainyard/contracts';
import { type ProjectDatasets, pixelOptions } from '@trainyard/datasets';

export type Fit = Pick<ReturnType<typeof pixelOptions>, 'fit' | 'background'>;

/**
 * How images become the input of a network: as the dataset of its training was imported; where that is gone, as an
 * import does it by itself.
 */
export async function fitOf(
  datasets: ProjectDatasets,
  { dataset: { name, version, digest }, inputShape }: Pick<CheckpointManifest, 'dataset' | 'inputShape'>,
): Promise<Fit> {
  const packed = await datasets.open(name, version).catch(() => null);
  const isSame = packed?.dataset.digest === digest;
  const options = isSame ? importOptionsSchema.partial().safeParse((await packed.readDetail()).options) : null;
  const { fit, background } = pixelOptions(options?.data ?? {}, inputShape);
  return { fit, background };
}
