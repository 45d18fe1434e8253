import { expect, it } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService, json } from './support/fakeService.js';

it('lists projects and sets a weight', async () => {
  const share = { name: 'vision', weight: 3, queued: 7, running: 1 };
  const { env, requests } = await fakeService({
    'GET /v1/projects': json({ data: [share], nextCursor: null }),
    'PUT /v1/projects/vision': json(share),
  });
  for (const command of [
    ['projects', 'list'],
    ['projects', 'set', 'vision', '--weight', '3'],
  ]) {
    const { terminal, written } = captureTerminal();
    expect(await run(command, terminal, env)).toBe(0);
    expect(written.out).toBe('project  weight  queued  running\nvision        3       7        1\n');
  }
  expect(JSON.parse(requests[1]?.body ?? '')).toEqual({ weight: 3 });
});
