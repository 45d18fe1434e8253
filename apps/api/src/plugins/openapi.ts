import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import * as contracts from '@trainyard/contracts';
import plugin from 'fastify-plugin';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';

/** Schemas that the document lists once, under components, and references from the routes. */
const named = {
  Job: contracts.jobSchema,
  JobSpec: contracts.jobSpecSchema,
  JobEvent: contracts.jobEventSchema,
  Plan: contracts.planSchema,
  EpochMetrics: contracts.epochMetricsSchema,
  TestResults: contracts.testResultsSchema,
  ResultRow: contracts.resultRowSchema,
  Checkpoint: contracts.checkpointSchema,
  CheckpointManifest: contracts.checkpointManifestSchema,
  ArchitectureSummary: contracts.architectureSummarySchema,
  Dataset: contracts.datasetSchema,
  ApiKey: contracts.apiKeySchema,
  AuditEntry: contracts.auditEntrySchema,
  Worker: contracts.workerSchema,
  Problem: contracts.problemSchema,
};
const schemaRegistry = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries(named)) schemaRegistry.add(schema, { id });

const options = {
  schemaRegistry,
  // The output of a zod transform has no JSON Schema; the document then allows any value.
  zodToJsonConfig: { unrepresentable: 'any' as const },
};

type Document = ReturnType<ReturnType<typeof createJsonSchemaTransformObject>>;

/** Removes components that no route references: the library lists each schema twice, as input and as output. */
function withoutUnused(document: Document): Document {
  // The library's type also covers Swagger 2, which has no components; `openapi` below makes it OpenAPI 3.1.
  const { components, ...rest } = document as { components: { schemas: Record<string, unknown> } };
  const used = new Set<string>();
  const visit = (part: unknown) => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (used.has(name)) continue;
      used.add(name);
      visit(components.schemas[name]);
    }
  };
  visit(rest);
  const schemas = Object.fromEntries(Object.entries(components.schemas).filter(([name]) => used.has(name)));
  return { ...rest, components: { ...components, schemas } } as Document;
}

const listComponents = createJsonSchemaTransformObject(options);

/** The OpenAPI 3.1 document, from the routes' schemas; MUST be registered before the routes. Shown at /docs. */
export const openapi = plugin<{ version: string }>(async (app, { version }) => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Trainyard',
        version,
        description: 'Trains image classifiers: submit a spec, watch it train, download the best checkpoint.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } },
      security: [{ apiKey: [] }],
    },
    transform: createJsonSchemaTransform(options),
    transformObject: (document) => withoutUnused(listComponents(document)),
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    // With this directive a browser would load the page's scripts by HTTPS, also where the service has only HTTP.
    transformStaticCSP: (policy) => policy.replace(/ ?upgrade-insecure-requests;/, ''),
  });
});
