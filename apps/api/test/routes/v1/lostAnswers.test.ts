import { TrainyardClient } from '@trainyard/client';
import { startProxy, type TcpProxy } from '@trainyard/test-kit';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { listen, type Service, startService } from '../../support/service.js';

let service: Service;
let proxy: TcpProxy;
let client: TrainyardClient;
beforeAll(async () => {
  service = await startService();
  proxy = await startProxy(await listen(service));
  client = new TrainyardClient({ baseUrl: `http://127.0.0.1:${proxy.port}`, apiKey: service.admin.secret });
});
// Also closes the connection that would be used again: the next request has a new one.
beforeEach(() => proxy.resetConnections());
afterAll(async () => {
  await proxy.close();
  await service.close();
});

const count = async (experiment: string) => (await client.jobs({ experiment })).data.length;

it.each([
  ['before its first byte', 0],
  ['in its headers', 60],
])('a submission whose answer is lost %s makes one job', async (_, cutAfterBytes) => {
  const experiment = `cut after ${cutAfterBytes}`;
  proxy.cutAfterBytes = cutAfterBytes;
  const errors: string[] = [];
  const job = await client.submit(
    { architecture: 'lenet', experiment },
    {
      onRetry(error) {
        errors.push(error.code);
        void proxy.heal();
      },
    },
  );
  expect(errors).toEqual(['unavailable']);
  expect(job.state).toBe('queued');
  expect(await count(experiment)).toBe(1);
});

it('a submission waits for a service that is started again', async () => {
  proxy.refuse();
  const options = { onRetry: () => void proxy.accept() };
  await client.submit({ architecture: 'lenet', experiment: 'restarted' }, options);
  expect(await count('restarted')).toBe(1);
});

it('a command whose answer is lost can be given again', async () => {
  const { id } = await client.submit({ architecture: 'lenet' });
  proxy.resetConnections();
  proxy.cutAfterBytes = 0;
  await expect(client.cancel(id)).rejects.toMatchObject({ code: 'unavailable' });
  await proxy.heal();
  expect(await client.cancel(id)).toMatchObject({ state: 'cancelled' });
});
