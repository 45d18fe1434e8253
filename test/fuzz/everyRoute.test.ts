import { randomInt } from 'node:crypto';
import { connect } from 'node:net';
import { problemSchema } from '@trainyard/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FuzzRequest, operationsOf, requestsOf } from './requests.js';
import { type Answer, startFuzzedService } from './service.js';

/** `npm run test:fuzz -- --requests 20000 --seed 7` sets these. */
const requests = Number(process.env.TRAINYARD_FUZZ_REQUESTS ?? 1500);
const seed = Number(process.env.TRAINYARD_FUZZ_SEED ?? randomInt(2 ** 31));

let service: Awaited<ReturnType<typeof startFuzzedService>>;
beforeAll(async () => {
  service = await startFuzzedService();
});
afterAll(async () => {
  expect(await service.stop()).toBe(0);
});

/** Internal details that no answer may contain: paths of files, SQL, stack traces. */
const internals = /node_modules|\bat \S+ \(|\.[jt]s:\d+|prisma|SELECT |INSERT INTO|ECONNREFUSED/;

function check({ method }: FuzzRequest, { status, headers, body }: Answer): void {
  if (service.api.ended) throw new Error('the process ended');
  expect(status).toBeGreaterThanOrEqual(200);
  expect(status).toBeLessThan(500);
  expect(body).not.toContain(service.apiKey);
  expect(headers).not.toHaveProperty('x-injected');
  if (status < 400) return;
  expect(headers['content-type']).toMatch(/^application\/problem\+json/);
  if (method === 'HEAD') return;
  expect(problemSchema.parse(JSON.parse(body)).status).toBe(status);
  expect(body).not.toMatch(internals);
}

describe(`requests drawn from the OpenAPI document, ${requests} of them, seed ${seed}`, () => {
  it('are answered without an error of the service, whether they are valid or not', {
    timeout: 3_600_000,
  }, async () => {
    const operations = operationsOf(service.document);
    const request = fc.oneof(
      ...operations.map((operation) => ({
        arbitrary: requestsOf(operation, service.document),
        // A body can be broken in more ways than a path.
        weight: operation.body ? 5 : 1,
      })),
    );
    const counts = new Map<string, Map<number, number>>();
    const property = fc.asyncProperty(request, async (drawn) => {
      const answer = await service.send(drawn);
      check(drawn, answer);
      const name = `${drawn.method} ${drawn.route}`;
      const count = counts.get(name) ?? new Map<number, number>();
      counts.set(name, count.set(answer.status, (count.get(answer.status) ?? 0) + 1));
    });
    await fc.assert(property, { numRuns: requests, seed });
    printCounts(counts);
    for (const { method, path } of operations) expect([...counts.keys()]).toContain(`${method} ${path}`);
    // More than a third of the operations succeeded at least once: not every request was refused early.
    const taken = [...counts.values()].filter((count) => [200, 201, 202].some((status) => count.has(status)));
    expect(taken.length).toBeGreaterThan(operations.length / 3);
  });
});

function printCounts(counts: Map<string, Map<number, number>>): void {
  for (const [name, count] of [...counts].sort()) {
    const parts = [...count].sort(([a], [b]) => a - b).map(([status, n]) => `${status}: ${n}`);
    console.log(`${name.padEnd(58)} ${parts.join('  ')}`);
  }
}

describe('bytes that are not HTTP', () => {
  it('are refused or dropped, and the service goes on', async () => {
    const { hostname, port } = new URL(service.url);
    const talk = (bytes: Uint8Array) =>
      new Promise<string>((resolve) => {
        let text = '';
        const socket = connect(Number(port), hostname, () => socket.end(bytes));
        socket.setEncoding('latin1').on('data', (chunk) => {
          text += chunk;
        });
        socket.on('error', () => {}).on('close', () => resolve(text));
      });
    const starts = fc.constantFrom(
      '',
      'GET / HTTP/1.1\r\n',
      'POST /v1/jobs HTTP/1.1\r\nHost: x\r\n',
      'GET /v1/jobs HTTP/1.1\r\nHost: x\r\nA',
    );
    const property = fc.asyncProperty(starts, fc.uint8Array({ maxLength: 500 }), async (start, rest) => {
      const text = await talk(Buffer.concat([Buffer.from(start), rest]));
      expect(text).not.toMatch(/^HTTP\/1\.1 [25]/);
    });
    await fc.assert(property, { numRuns: Math.ceil(requests / 20), seed });
    expect(service.api.ended).toBe(false);
  });
});
