import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService } from '../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

describe('the service sends no request on behalf of a user, but to import a dataset and to its webhooks', () => {
  it('a URL in a spec is refused or kept as text, and never requested', async () => {
    let calls = 0;
    const target = createServer((_request, response) => {
      calls += 1;
      response.end();
    });
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/cifar-10.tar.gz`;
    const refused = [
      { dataset: url },
      { dataset: { name: url } },
      { dataset: { name: 'cifar10', url } },
      { dataset: { name: 'cifar10', source: url } },
      { architecture: url },
      { architecture: { url } },
      { callback: url },
      { webhook: { url } },
    ];
    for (const spec of refused)
      await service.agent
        .post('/v1/jobs')
        .send({ architecture: 'lenet', ...spec })
        .expect(422);
    for (const text of [{ notes: url }, { name: url }, { experiment: url }, { tags: [url] }]) {
      await service.agent
        .post('/v1/jobs')
        .send({ architecture: 'lenet', ...text })
        .expect(202);
    }
    await new Promise<unknown>((resolve) => target.close(resolve));
    expect(calls).toBe(0);
  });

  it('only an import and a webhook have a URL as a parameter', async () => {
    const { body } = await service.agent.get('/openapi.json').expect(200);
    const paths = { ...body.paths };
    expect(JSON.stringify(paths['/v1/imports'].post.requestBody)).toContain('"url"');
    delete paths['/v1/imports'];
    for (const path of Object.keys(paths)) if (path.startsWith('/v1/webhooks')) delete paths[path];
    const taken = Object.values(
      paths as Record<string, Record<string, { parameters?: unknown; requestBody?: unknown }>>,
    )
      .flatMap((methods) => Object.values(methods))
      .map(({ parameters, requestBody }) => JSON.stringify([parameters, requestBody]));
    const schemas = JSON.stringify([taken, body.components.schemas.JobSpecInput]);
    expect(schemas).not.toMatch(/"format":\s*\\?"(uri|url|iri|hostname|ipv4)/);
    expect(schemas).not.toMatch(/\\?"(url|uri|href|host|endpoint|callback|webhook)\\?":/i);
  });
});
