import {
  InvalidInputError,
  importedRecordSchema,
  importRecordQuerySchema,
  jobParamsSchema,
  jobRecordSchema,
  maxRecordBytes,
} from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { importRecord } from '#services/records/importRecord.js';

export const importJobRecord: Route<'artifacts'> = async (app, { artifacts }) => {
  app.put(
    '/v1/jobs/:id/record',
    {
      bodyLimit: maxRecordBytes,
      config: { role: 'admin', slowBody: true },
      schema: {
        operationId: 'importJobRecord',
        tags: ['records'],
        summary: 'Import a job that another installation has run, under its id',
        description:
          'The answer says which files are missing: nothing is stored before all of them were sent. Repeated, the ' +
          'request changes nothing. A job with this id and other content is not replaced (409). The job is marked as ' +
          'imported, counts in no forecast and no share of the workers, and webhooks do not get its events.',
        params: jobParamsSchema,
        querystring: importRecordQuerySchema,
        body: jobRecordSchema,
        response: okResponse(importedRecordSchema),
      },
    },
    async ({ project, params: { id }, body, query: { from }, log }) => {
      if (body.job.id !== id) {
        const detail = `is ${body.job.id}; it must be the id of the URL, ${id}`;
        throw new InvalidInputError(`the id of the record ${detail}`, [{ pointer: '/job/id', detail }]);
      }
      const imported = await importRecord(project, artifacts, body, from);
      if (imported.outcome === 'imported') log.info({ from }, 'job imported');
      return imported;
    },
  );
};
