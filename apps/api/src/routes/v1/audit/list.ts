import { auditEntrySchema, auditQuerySchema, page } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { managedProject } from '#services/managedProject.js';

export const listAudit: Route<'db'> = async (app, { db }) => {
  app.get(
    '/v1/audit',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'listAudit',
        tags: ['keys'],
        summary: 'Audited requests of the project, newest first; of every project for admins of the default project',
        querystring: auditQuerySchema,
        response: okResponse(page(auditEntrySchema)),
      },
    },
    async ({ caller, query }) => {
      await app.auditLog.flush();
      return db.audit.list(managedProject(caller), query);
    },
  );
};
