import { forecastScoresSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const getForecasts: Route<'db'> = async (app, { db }) => {
  app.get(
    '/v1/forecasts',
    {
      schema: {
        operationId: 'getForecasts',
        tags: ['jobs'],
        summary: 'How often the forecasts of start and run were right, of the last 1,000 jobs of this installation',
        response: okResponse(forecastScoresSchema),
      },
    },
    async () => db.forecasts.scores(),
  );
};
