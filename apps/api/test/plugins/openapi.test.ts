import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService } from '../support/service.js';

interface Operation {
  summary?: string;
  tags?: string[];
  responses: Record<string, unknown>;
}
interface Document {
  openapi: string;
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
  it('is version 3.1 and describes every operation and its errors', () => {
    expect(document.openapi).toBe('3.1.0');
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        expect(operation.summary, `${method} ${path}`).toBeTruthy();
        expect(operation.tags, `${method} ${path}`).toHaveLength(1);
        expect(operation.responses.default, `${method} ${path}`).toBeDefined();
      }
    }
  });

  it('has exactly the components that it references', () => {
    const text = JSON.stringify(document);
    const referred = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name));
    expect([...referred].sort()).toEqual(Object.keys(document.components.schemas).sort());
    expect(referred).toContain('Job');
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
