import type { Route } from '#routes/route.js';

export const openapiDocument: Route = async (app) => {
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
};
