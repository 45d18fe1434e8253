import { bulkAnswerSchema, bulkBodySchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { removeFiles } from '#services/deleteJob.js';

/** Jobs whose files are removed at the same time. */
const removals = 8;

export const bulkJobs: Route<'artifacts' | 'quotas' | 'wake'> = async (app, { artifacts, quotas, wake }) => {
  app.post(
    '/v1/jobs/bulk',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'bulkJobs',
        tags: ['jobs'],
        summary: 'Cancel, retry, delete or tag every job that a filter names',
        description:
          'Does the action to each job for which the filter is true when the call begins, whatever happens to it ' +
          'meanwhile: one that a worker has just started is cancelled too. With `dryRun` it only counts. The answer ' +
          'has how many jobs were changed, for how many there was nothing to do, and which were refused and why. A ' +
          'call that was cut off can be repeated: it changes the rest.',
        body: bulkBodySchema,
        response: okResponse(bulkAnswerSchema),
      },
    },
    async (request) => {
      const { body, caller, project, log } = request;
      const { answer, changed } =
        body.action === 'retry'
          ? await quotas.admitSome(caller, (room) => project.jobs.changeAll(body, { room }))
          : await project.jobs.changeAll(body);
      if (body.dryRun) return answer;
      if (body.action === 'retry' && changed.length > 0) wake();
      if (body.action === 'delete') {
        const ids = [...changed];
        const remove = async () => {
          for (let id = ids.pop(); id !== undefined; id = ids.pop()) await removeFiles({ artifacts, log }, id);
        };
        await Promise.all(Array.from({ length: removals }, remove));
      }
      log.info({ action: body.action, changed: changed.length, refused: answer.refusedCount }, 'jobs changed');
      return answer;
    },
  );
};
