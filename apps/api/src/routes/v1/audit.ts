import { auditEntrySchema, auditQuerySchema, page } from '@trainyard/contracts';
import { managedProject } from '../../http/managedProject.js';
import { answers } from '../../http/responses.js';
import type { Route } from '../route.js';

export const listAudit: Route<'db'> = async (app, { db }) => {
  app.get(
    '/v1/audit',
    {
      config: { role: 'admin' },
      schema: {
        tags: ['keys'],
        summary: 'What the keys of the project did, newest first; of every project for admins of the project default',
        querystring: auditQuerySchema,
        response: answers(page(auditEntrySchema)),
      },
    },
    async ({ caller, query }) => {
      await app.auditLog.flush();
      return db.audit.list(managedProject(caller), query);
    },
  );
};
