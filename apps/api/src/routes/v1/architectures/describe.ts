import { summarize } from '@trainyard/architectures';
import { architectureSummarySchema, describeBodySchema, faultsOf, InvalidInputError } from '@trainyard/contracts';
import { checkLayers } from '@trainyard/spec';
import { answers } from '../../../http/responses.js';
import { bodyCheckedByRoute } from '../../../http/validation.js';
import type { Route } from '../../route.js';

/** All but the layers, which `checkLayers` checks one by one and together. */
const frameSchema = describeBodySchema.omit({ layers: true });

/** @throws InvalidInputError with every fault of the body. */
function describe(body: unknown) {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  const { layers, ...frame } = (isObject ? body : {}) as Record<string, unknown>;
  const frameFaults = isObject ? faultsOf(frameSchema, frame) : [{ pointer: '', detail: 'must be an object' }];
  const { inputShape, classes } = frameSchema.parse(frameFaults.length > 0 ? {} : frame);
  const { model, faults } = checkLayers(layers, inputShape, classes);
  const all = [...frameFaults, ...faults];
  if (!model || all.length > 0) throw new InvalidInputError('the layers have faults', all, 'invalid_spec');
  return summarize(model);
}

export const describeArchitecture: Route = async (app) => {
  app.post(
    '/v1/architectures/describe',
    {
      config: { audited: false },
      validatorCompiler: bodyCheckedByRoute,
      schema: {
        tags: ['architectures'],
        summary: 'The layer table of a list of layers: output sizes, parameters, FLOPs',
        body: describeBodySchema,
        response: answers(architectureSummarySchema),
      },
    },
    async (request) => describe(request.body),
  );
};
