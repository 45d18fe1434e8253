import { type Session, type Split, slotNames } from '@trainyard/program';
import type { TestPlan } from '../plan/trainingPlan.js';

/** Loads a stored split into the session's slots, directly from the packed file: images uint8 NHWC, labels int32. */
export async function loadDataset(session: Session, plan: TestPlan, split: Split): Promise<void> {
  const { images, labels } = plan.packed[split];
  await session.writeFromFile(slotNames.images(split), plan.datasetFile, images.offset);
  await session.writeFromFile(slotNames.labels(split), plan.datasetFile, labels.offset);
}
