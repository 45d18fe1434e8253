import { prefers } from '#http/accept.js';
import { DashboardPage } from './dashboard.js';
import type { Route } from './route.js';

const page = ({ documentation, openapi }: { documentation: string; openapi: string }): string => `<!DOCTYPE html>
<html lang="en">
<head><meta charset="UTF-8"><title>Trainyard</title></head>
<body>
<h1>Trainyard</h1>
<p>This is the API of Trainyard, which trains image classifiers.</p>
<ul>
<li><a href="${documentation}">Documentation</a>, where calls can be tried</li>
<li><a href="${openapi}">OpenAPI document</a></li>
</ul>
</body>
</html>
`;

/**
 * What the service is: the dashboard for browsers, or a page with links where it was not built; JSON for others. Says
 * nothing that needs a key.
 */
export const getRoot: Route<'site'> = async (app, { site }) => {
  const dashboard = site === null ? null : new DashboardPage(site);
  const links = { documentation: app.linkTo('/docs/'), openapi: app.linkTo('/openapi.json') };
  app.get('/', { config: { public: true }, schema: { hide: true } }, async (request, reply) => {
    reply.header('vary', [reply.getHeader('vary'), 'Accept'].filter(Boolean).join(', '));
    if (!prefers(request.headers, 'text/html')) return { name: 'Trainyard', ...links };
    if (dashboard) return dashboard.send(reply, app.linkTo('/'));
    return reply.type('text/html; charset=utf-8').send(page(links));
  });
};
