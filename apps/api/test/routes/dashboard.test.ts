import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService } from '../support/service.js';

let site: string;
let service: Service;
beforeAll(async () => {
  site = await mkdtemp(join(tmpdir(), 'trainyard-site-'));
  await mkdir(join(site, 'assets'));
  await writeFile(join(site, 'index.html'), '<html><head><base href="/" /></head></html>');
  await writeFile(join(site, 'assets/index-abc.js'), 'console.log(1)');
  await writeFile(join(site, 'assets/index-abc.js.br'), brotliCompressSync('console.log(1)'));
  service = await startService({ site });
});
afterAll(async () => {
  await service.close();
  await rm(site, { recursive: true });
});

const browser = 'text/html,application/xhtml+xml,*/*;q=0.8';
const baseOf = async (url: string, from = service) => {
  const { text } = await from.anonymous.get(url).set('accept', browser).expect(200);
  return /<base href="([^"]*)"/.exec(text)?.[1];
};

describe('the dashboard', () => {
  it('is one page at each of its addresses, which finds the service behind every proxy', async () => {
    expect(await baseOf('/')).toBe('./');
    expect(await baseOf('/sign-in')).toBe('./');
    expect(await baseOf('/runs?filter=state%20%3D%20failed')).toBe('./');
    expect(await baseOf('/runs/job_01jzzzzzzzzzzzzzzzzzzzzzzz')).toBe('../');
    const other = await startService({ site, publicUrl: 'https://example.org/trainyard' });
    expect(await baseOf('/trainyard', other)).toBe('/trainyard/');
    expect(await baseOf('/trainyard/runs/job_1', other)).toBe('/trainyard/');
    await other.close();
  });

  it('may load only from the service, and no script or style within the page', async () => {
    const { headers } = await service.anonymous.get('/runs').expect(200);
    const policy = headers['content-security-policy'];
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(headers['cache-control']).toBe('no-cache');
  });

  it('has assets that a browser keeps, compressed beforehand', async () => {
    const get = (encoding: string) => service.anonymous.get('/assets/index-abc.js').set('accept-encoding', encoding);
    const { headers } = await get('identity').expect(200, 'console.log(1)');
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect((await get('gzip, br').expect(200)).headers['content-encoding']).toBe('br');
    for (const wrong of ['/assets/none.js', '/assets/..%2Findex.html', '/assets/']) {
      await service.anonymous.get(wrong).expect(404);
    }
  });

  it('leaves the answers to other clients as they are', async () => {
    const { body } = await service.anonymous.get('/').expect(200);
    expect(body).toMatchObject({ name: 'Trainyard' });
    await service.anonymous.get('/nowhere').set('accept', browser).expect(401);
  });
});
