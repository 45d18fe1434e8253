import { costsAnswerSchema, costsBodySchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { rankByCost } from '#services/compare/costs.js';

export const costsRoute: Route = async (app) => {
  app.post(
    '/v1/compare/costs',
    {
      config: { audited: false },
      schema: {
        operationId: 'rankByCost',
        tags: ['results'],
        summary: 'The best checkpoint where mistakes cost differently: jobs by the mean cost of a test image',
        body: costsBodySchema,
        response: okResponse(costsAnswerSchema),
      },
    },
    async (request) => rankByCost(request.project, request.body),
  );
};
