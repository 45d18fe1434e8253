import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import * as contracts from '@trainyard/contracts';
import plugin from 'fastify-plugin';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';

/** Schemas that the document names once, under components, instead of repeating them in every route. */
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
  // What a transform makes of its input (a pair of a number) has no JSON schema: it is shown as anything.
  zodToJsonConfig: { unrepresentable: 'any' as const },
};

type Document = ReturnType<ReturnType<typeof createJsonSchemaTransformObject>>;

/** Without the components that no route uses: the library lists each schema twice, as input and as output. */
function withoutUnused(document: Document): Document {
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

/** Writes the OpenAPI 3.1 document from the routes' schemas; registered before them. Readable at /docs. */
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
    // On plain HTTP a browser would ask for the page's own scripts by HTTPS, where nobody listens.
    transformStaticCSP: (policy) => policy.replace(/ ?upgrade-insecure-requests;/, ''),
  });
});
