import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { eventually } from '@trainyard/test-kit';
import { createHome, quickSpec, startEmbedded, waitForEnd } from '@trainyard/test-kit/service';
import { expect, it, onTestFinished } from 'vitest';
import { run } from '../packaging/support.js';
import { useFolder } from './support/folder.js';
import { installPython } from './support/tools.js';

interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

/** A receiver on this machine that answers each request with 204. */
async function startReceiver() {
  const received: Received[] = [];
  const server = createServer(async (message, response) => {
    let body = '';
    for await (const chunk of message) body += chunk;
    received.push({ headers: message.headers, body });
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

/** Prints what the package says of each event: its data, or the name of the error. */
const verify = `
import json, os, sys
from standardwebhooks import Webhook, WebhookVerificationError
webhook = Webhook(os.environ["SECRET"])
def said(event):
    try:
        return webhook.verify(event["body"], event["headers"])
    except WebhookVerificationError:
        return "refused"
print(json.dumps([said(event) for event in json.loads(os.environ["EVENTS"])]))
`;

it('trainyard up sends the events of a job, with signatures that the package of PyPI accepts', async () => {
  const home = await createHome();
  onTestFinished(() => home.remove());
  const stack = await startEmbedded(home, { TRAINYARD_ALLOW_PRIVATE_URLS: 'true' });
  onTestFinished(() => stack.stop());
  const programs = await installPython(await useFolder(stack), ['standardwebhooks==1.1.0']);
  const { received, url } = await startReceiver();
  const webhook = await stack.client.createWebhook({ url, events: ['started', 'succeeded'] });
  const { id } = await stack.client.submit({ ...quickSpec, name: 'night “1”' });
  await waitForEnd(stack.client, id);
  await eventually('both events', async () => received.length >= 2);

  const events = received.map(({ headers, body }) => ({ headers, body }));
  const forged = { ...(events[0] as Received), body: events[0]?.body.replace('job.', 'job!') };
  const env = { ...process.env, SECRET: webhook.secret, EVENTS: JSON.stringify([...events, forged]) };
  const said = JSON.parse(await run(path.join(programs, 'python'), ['-c', verify], home.folder, env));
  expect(said.at(-1)).toBe('refused');
  const data = { jobId: id, name: 'night “1”', attempt: 1 };
  const order = (a: { type: string }, b: { type: string }) => a.type.localeCompare(b.type);
  expect(said.slice(0, -1).toSorted(order)).toMatchObject([
    { type: 'job.started', data },
    { type: 'job.succeeded', data },
  ]);
});
