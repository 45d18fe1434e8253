import { summarize } from '@trainyard/architectures';
import { architectureSummarySchema, describeBodySchema, faultsOf, InvalidInputError } from '@trainyard/contracts';
import { checkLayers } from '@trainyard/spec';
import { z } from 'zod';
import { okResponse } from '#http/responses.js';
import { bodyCheckedByRoute } from '#http/validation.js';
import type { Route } from '#routes/route.js';

/** The body without its layers: `checkLayers` checks those, each alone and all together. */
const inputSchema = describeBodySchema.omit({ layers: true });

/** @throws InvalidInputError with every fault of the body. */
function describe(body: unknown) {
  const fields = z.record(z.string(), z.unknown()).safeParse(body);
  const { layers, ...input } = fields.data ?? {};
  const inputFaults = fields.success ? faultsOf(inputSchema, input) : [{ pointer: '', detail: 'must be an object' }];
  const { inputShape, classes } = inputSchema.parse(inputFaults.length > 0 ? {} : input);
  const { model, faults } = checkLayers(layers, inputShape, classes);
  const all = [...inputFaults, ...faults];
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
        operationId: 'describeArchitecture',
        tags: ['architectures'],
        summary: 'The layer table of a list of layers: output sizes, parameters, FLOPs',
        body: describeBodySchema,
        response: okResponse(architectureSummarySchema),
      },
    },
    async (request) => describe(request.body),
  );
};
