import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService, submit } from '../support/service.js';

interface Operation {
  operationId: string;
  summary?: string;
  description?: string;
  parameters?: { name: string; description?: string; schema: object }[];
  tags?: string[];
  responses: Record<string, unknown>;
  requestBody?: { content: Record<string, { examples?: Record<string, { value: object }> }> };
}
interface Document {
  openapi: string;
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
}

let service: Service;
let document: Document;
beforeAll(async () => {
  service = await startService();
  document = (await service.agent.get('/openapi.json').expect(200)).body;
});
afterAll(() => service.close());

describe('the OpenAPI document', () => {
  it('is version 3.1 and describes every operation, its errors and its headers', () => {
    const ids = new Set<string>();
    let operations = 0;
    expect(document.openapi).toBe('3.1.0');
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        expect(operation.summary, `${method} ${path}`).toBeTruthy();
        expect(operation.description, `${method} ${path}`).toBeTruthy();
        expect(operation.tags, `${method} ${path}`).toHaveLength(1);
        expect(document.tags.map(({ name }) => name)).toContain(operation.tags?.[0]);
        expect(Object.keys(operation.responses), `${method} ${path}`).toEqual(expect.arrayContaining(['500', '503']));
        expect(operation.responses.default).toBeUndefined();
        ids.add(operation.operationId);
        operations += 1;
      }
    }
    expect(ids.size).toBe(operations);
  });

  it('has exactly the components that it references', () => {
    const text = JSON.stringify(document);
    const referred = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name));
    expect([...referred].sort()).toEqual(Object.keys(document.components.schemas).sort());
    expect(referred).toContain('Job');
  });

  it('has schemas that generators understand: one type, or branches, and no required property that it lacks', () => {
    const faults: string[] = [];
    const visit = (part: unknown, pointer: string): void => {
      if (typeof part !== 'object' || part === null) return;
      const { type, required, properties } = part as { type?: unknown; required?: unknown; properties?: object };
      const isSchema = !pointer.endsWith('/properties');
      if (isSchema && Array.isArray(type) && type.filter((name) => name !== 'null').length > 1) faults.push(pointer);
      const named = isSchema && Array.isArray(required) ? required : [];
      faults.push(...named.filter((name) => !(name in (properties ?? {}))).map((name) => `${pointer}: ${name}`));
      for (const [key, value] of Object.entries(part)) if (key !== 'examples') visit(value, `${pointer}/${key}`);
    };
    visit(document.components.schemas, '');
    visit(document.paths, '');
    expect(faults).toEqual([]);
  });

  it('has patterns without classes of Unicode, which not every language has', () => {
    const patterns = [...JSON.stringify(document).matchAll(/"pattern":("[^"]*")/g)].map(([, text = '']) => text);
    expect(patterns.length).toBeGreaterThan(10);
    for (const pattern of patterns) expect(JSON.parse(pattern)).not.toMatch(/\\p\{/i);
  });

  it('says which cursors and event ids there are', () => {
    const parameter = (path: string, name: string) =>
      document.paths[path]?.get?.parameters?.find((each) => each.name === name);
    expect(parameter('/v1/jobs', 'cursor')).toMatchObject({
      schema: { pattern: '^[A-Za-z0-9_-]{1,512}$' },
      description: expect.stringContaining('nextCursor'),
    });
    expect(parameter('/v1/jobs/{id}/events', 'last-event-id')).toMatchObject({
      schema: { type: 'integer', minimum: 0, maximum: 2 ** 31 - 1 },
      description: expect.stringContaining('ignores it'),
    });
  });

  it('describes the fields of a spec', () => {
    const text = JSON.stringify(document.paths['/v1/jobs']?.post);
    expect(text).toContain('#/components/schemas/JobSpecInput');
    expect(JSON.stringify(document.components.schemas.JobSpecInput)).toContain('learningRate');
  });

  it('is shown at /docs, also over plain HTTP', async () => {
    const { headers, text } = await service.agent.get('/docs/').expect(200);
    expect(text).toContain('swagger-ui');
    expect(headers['content-security-policy']).toContain("script-src 'self'");
    expect(headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
    await service.agent.get('/docs/static/swagger-ui-bundle.js').expect(200);
  });
});

it('names the kind of each layer, optimizer and schedule by a discriminator', () => {
  const { Layer, LayerInput, Schedule, Optimizer } = document.components.schemas;
  const references = { conv2d: '#/components/schemas/Conv2dLayer', dense: '#/components/schemas/DenseLayer' };
  expect(Layer).toMatchObject({ discriminator: { propertyName: 'type', mapping: references } });
  for (const schema of [LayerInput, Schedule, Optimizer]) expect(schema).toHaveProperty('discriminator.mapping');
});

/** Every kind of layer, each with values that differ from the defaults and with as little as can be sent. */
const layers = [
  { type: 'conv2d', filters: 4, kernel: 3, stride: [1, 2], padding: 1, bias: false },
  { type: 'batchNorm' },
  { type: 'activation', kind: 'leakyRelu' },
  { type: 'residual', layers: [{ type: 'conv2d', filters: 4, padding: 'same' }, { type: 'spatialDropout' }] },
  { type: 'maxPool' },
  { type: 'avgPool', size: 2, stride: [1, 1] },
  { type: 'squeezeExcite', reduction: 2 },
  { type: 'concatenate', branches: [[], [{ type: 'conv2d', filters: 2, kernel: 1 }]] },
  { type: 'scale', factor: 0.5 },
  { type: 'globalAvgPool' },
  { type: 'dropout' },
  { type: 'flatten' },
  { type: 'dense', units: 10 },
];

it('describes the answers with layers of the user, with every kind of optimizer and schedule', async () => {
  // `close` fails where an answer differs from its schema: see support/documentedAnswers.ts.
  for (const optimizer of ['sgd', 'adam', { type: 'adamw', groups: [{ match: 'bias' }] }]) {
    for (const schedule of ['constant', 'step', 'cosine', 'linear', 'oneCycle', 'triangular']) {
      await submit(service, { architecture: { layers }, optimizer, schedule, normalization: 'dataset' });
    }
  }
  const { body } = await service.agent.get('/v1/jobs').expect(200);
  expect(body.data).toHaveLength(18);
  const { layers: complete } = body.data[0].spec.architecture;
  expect(complete[4]).toEqual({ type: 'maxPool', size: [2, 2], stride: [2, 2] });
  expect(complete[0]).toMatchObject({ kernel: [3, 3], stride: [1, 2] });
  await service.agent.post('/v1/architectures/describe').send({ layers }).expect(200);
  await service.agent.post('/v1/jobs?dryRun=true').send({ architecture: { layers } }).expect(200);
});

it('names a schema for each of these, so that generators type them', () => {
  const { Job, ...rest } = document.components.schemas;
  expect(JSON.stringify(Job)).toContain('#/components/schemas/CompleteJobSpec');
  expect(rest.CompleteJobSpec).toMatchObject({
    properties: {
      dataset: { $ref: '#/components/schemas/DatasetChoice' },
      optimizer: { $ref: '#/components/schemas/Optimizer' },
      schedule: { $ref: '#/components/schemas/Schedule' },
    },
  });
  expect(JSON.stringify(rest)).not.toContain('prefixItems');
});

it('has examples of bodies that are accepted as they are', async () => {
  const examplesOf = (path: string, method: string) => {
    const body = document.paths[path]?.[method]?.requestBody?.content['application/json'];
    return Object.values(body?.examples ?? {}).map(({ value }) => value);
  };
  const jobs = examplesOf('/v1/jobs', 'post');
  expect(jobs).toHaveLength(2);
  for (const job of jobs) await service.agent.post('/v1/jobs').send(job).expect(202);
  for (const value of examplesOf('/v1/architectures/describe', 'post')) {
    await service.agent.post('/v1/architectures/describe').send(value).expect(200);
  }
  for (const value of examplesOf('/v1/keys', 'post')) await service.agent.post('/v1/keys').send(value).expect(201);
  for (const value of examplesOf('/v1/imports', 'post'))
    await service.agent.post('/v1/imports').send(value).expect(202);
});
