import { jobParamsSchema, jobPatchSchema, jobSchema, NotFoundError } from '@trainyard/contracts';
import { permits } from '#http/etag.js';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { etagOf, setVersionHeaders } from './get.js';

export const editJob: Route = async (app) => {
  app.patch(
    '/v1/jobs/:id',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'editJob',
        tags: ['jobs'],
        summary: 'Change name, tags, notes or priority of a job',
        description:
          'A JSON merge patch (RFC 7396), as application/json or application/merge-patch+json: fields that it leaves ' +
          'out stay, null resets one to its default. A queued job moves to the place of its new priority. With ' +
          'If-Match, the job changes only while it has that version, otherwise the answer is 412; progress and the ' +
          'place in the queue are parts of the version.',
        params: jobParamsSchema,
        body: jobPatchSchema,
        response: okResponse(jobSchema),
      },
    },
    async (request, reply) => {
      const { project, params, headers } = request;
      const accepts = (version: string) => permits(headers['if-match'], etagOf(version));
      const changed = await project.jobs.edit(params.id, request.body, accepts);
      const found = await project.jobs.findVersioned(params.id);
      if (!found) throw new NotFoundError(`job ${params.id}`);
      if (changed) request.log.info({ fields: Object.keys(request.body) }, 'job changed');
      return setVersionHeaders(reply, { version: found.version, state: found.job.state }).send(found.job);
    },
  );
};
