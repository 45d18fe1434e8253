import { presets, resolveModel, summarize } from '@trainyard/architectures';
import { type ArchitectureList, architectureListSchema } from '@trainyard/contracts';
import { answers } from '../../../http/responses.js';
import type { Route } from '../../route.js';

/** The presets for CIFAR-10's images: 32x32 pixels, three channels, ten classes. */
function presetList(): ArchitectureList {
  const data = Object.entries(presets).map(([name, { description }]) => {
    const { model } = resolveModel(name, [32, 32, 3], 10);
    if (!model) throw new Error(`preset ${name} does not fit 32x32x3`);
    return { ...summarize(model), description };
  });
  return { data };
}

export const listArchitectures: Route = async (app) => {
  const list = presetList();
  app.get(
    '/v1/architectures',
    {
      schema: {
        tags: ['architectures'],
        summary: 'The presets, each with its layer table',
        response: answers(architectureListSchema),
      },
    },
    async () => list,
  );
};
