import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import plugin from 'fastify-plugin';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { componentRegistry } from './components.js';
import { type DocumentedOperation, describeHttp } from './http.js';
import { headers } from './operations.js';
import { type Json, portable } from './portable.js';
import { usedSchemas } from './schemas.js';

const options = { schemaRegistry: componentRegistry };

type Document = ReturnType<ReturnType<typeof createJsonSchemaTransformObject>>;

interface Parts {
  paths: Record<string, Record<string, DocumentedOperation>>;
  components: { schemas: Record<string, Json> };
}

const tags = [
  { name: 'jobs', description: 'Submit, watch and control jobs' },
  { name: 'checkpoints', description: 'The weights of a job' },
  { name: 'results', description: 'The history of all runs' },
  { name: 'architectures', description: 'Presets, and tables of layers' },
  { name: 'datasets', description: 'Import, show and export datasets' },
  { name: 'predictions', description: 'Classify many images as queued work' },
  { name: 'workers', description: 'Who works on what, and what waits' },
  { name: 'records', description: 'Take jobs to another installation, row by row and file by file' },
  { name: 'webhooks', description: 'Have the events of jobs sent to a URL' },
  { name: 'keys', description: 'API keys, sessions of browsers, and the audit log' },
  { name: 'health', description: 'Probes and metrics' },
];

/** @param url without the service's public URL, relative to that of the document: so it is right behind every proxy. */
const serversAt = (url: string) => [{ url, description: 'The service that this document comes from' }];

/** Relative redirects, as they are right behind every proxy; without the slash, the page would not find its scripts. */
const redirects: Record<string, string> = { '/docs': 'docs/', '/docs/static/index.html': '../' };

const listComponents = createJsonSchemaTransformObject(options);

/** Completes the document that the libraries make of the routes' schemas. */
function complete(document: Document, servers: ReturnType<typeof serversAt>): Document {
  // The library's type also covers Swagger 2, which has no components; `openapi` below makes it OpenAPI 3.1.
  const { paths, components, ...rest } = portable(document as Json) as unknown as Parts;
  const operations = Object.fromEntries(
    Object.entries(paths).map(([path, { head: _sameAsGet, ...methods }]) => [
      path,
      Object.fromEntries(Object.entries(methods).map(([method, each]) => [method, describeHttp(each)])),
    ]),
  );
  const used = usedSchemas({ paths: operations as unknown as Json, schemas: components.schemas });
  const all = { ...components, headers, schemas: used.schemas };
  return { ...rest, servers, paths: used.paths, components: all } as unknown as Document;
}

interface OpenapiOptions {
  version: string;
  publicUrl: string | null;
  /** Whether the document and its page need no key. */
  publicDocs: boolean;
}

/** The OpenAPI 3.1 document, from the routes' schemas; MUST be registered before the routes. Shown at /docs. */
export const openapi = plugin<OpenapiOptions>(async (app, { version, publicUrl, publicDocs }) => {
  app.addHook('onRoute', (route) => {
    if (publicDocs && /^\/(openapi\.json$|docs(\/|$))/.test(route.url))
      route.config = { ...route.config, public: true };
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Trainyard',
        version,
        description: 'Trains image classifiers: submit a spec, watch it train, download the best checkpoint.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
        contact: { name: 'Trainyard' },
      },
      tags,
      components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } },
      security: [{ apiKey: [] }],
    },
    transform: createJsonSchemaTransform(options),
    transformObject: (document) => complete(listComponents(document), serversAt(publicUrl ?? '.')),
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiHooks: {
      onRequest: async (request, reply) => {
        const target = redirects[request.url.split('?')[0] ?? ''];
        return target === undefined ? undefined : reply.redirect(target);
      },
    },
    // The page reads the document from /docs/json, one level below the service.
    transformSpecification: (document) => ({ ...document, servers: serversAt(publicUrl ?? '..') }),
    transformSpecificationClone: false,
    staticCSP: true,
    // With this directive a browser would load the page's scripts by HTTPS, also where the service has only HTTP.
    transformStaticCSP: (policy) => policy.replace(/ ?upgrade-insecure-requests;/, ''),
  });
});
