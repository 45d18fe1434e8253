import { jobParamsSchema, jobRecordSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { exportRecord } from '#services/records/importRecord.js';

export const getJobRecord: Route<'artifacts'> = async (app, { artifacts }) => {
  app.get(
    '/v1/jobs/:id/record',
    {
      config: { audited: true },
      schema: {
        operationId: 'getJobRecord',
        tags: ['records'],
        summary: 'Everything that is stored of a job that has ended, row by row, for another installation',
        params: jobParamsSchema,
        response: okResponse(jobRecordSchema),
      },
    },
    ({ project, params }) => exportRecord(project, artifacts, params.id),
  );
};
