import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId, openDatabase } from '@trainyard/db';
import { summary } from './load.mjs';

const eventsPerSecond = 5;
const workerId = newId('wrk');

/**
 * Watches jobs over live streams while they go through their epochs, as if a worker trained them.
 *
 * @returns figures over the times from an event's commit to its arrival; errors: streams that did not get every event
 *   once and in order, and then the end.
 */
export async function watch({ url, apiKey, databaseUrl, submit, jobs, watchersPerJob, epochs }) {
  const db = await openDatabase(databaseUrl, { poolSize: 10 });
  try {
    const ids = await Promise.all(Array.from({ length: jobs }, submit));
    const told = new Map();
    const begin = performance.now();
    const streams = ids.flatMap((id) =>
      Array.from({ length: watchersPerJob }, () => follow({ url, apiKey, id, told })),
    );
    await Promise.all(ids.map((id) => train(db, id, epochs, told)));
    const seen = await Promise.all(streams);
    // submitted, started, the epochs, tested, succeeded
    const complete = Array.from({ length: epochs + 4 }, (_, i) => i + 1).join();
    const broken = seen.filter(({ sequences, ended }) => !ended || sequences.join() !== complete).length;
    const times = seen.flatMap(({ delays }) => delays);
    return summary(times, (performance.now() - begin) / 1000, broken);
  } finally {
    await db.close();
  }
}

async function train(db, jobId, epochs, told) {
  const attempt = await db.attempts.open({ jobId, attempt: 1, workerId });
  for (let epoch = 1; epoch <= epochs; epoch += 1) {
    // Out of step with the other jobs, as runs are.
    await sleep((0.5 + Math.random()) * (1000 / eventsPerSecond));
    await db.attempts.heartbeat(attempt.token);
    await db.attempts.epoch(attempt.token, metricsOf(epoch), null);
    told.set(`${jobId} ${epoch}`, performance.now());
  }
  await db.attempts.succeed(attempt.token, resultsOf(1));
}

const metricsOf = (epoch) => ({
  ...{ epoch, trainLoss: 1, trainAccuracy: 0.5, validationLoss: 1 / epoch, validationAccuracy: 0.5 },
  ...{ learningRate: 0.01, trainSeconds: 1, validationSeconds: 0.1, imagesPerSecond: 1000, best: true },
  ...{ stepMilliseconds: 20, executor: 'native', device: 'cpu' },
});
const resultsOf = (epoch) => ({
  ...{ epoch, loss: 1, accuracy: 0.5, correct: 50, total: 100, seconds: 0.1, classes: [], confusion: [] },
});

/** Reads a stream to its end, or for two minutes. */
function follow({ url, apiKey, id, told }) {
  const seen = { sequences: [], delays: [], ended: false };
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${apiKey}`, accept: 'text/event-stream' };
    const request = http.get(`${url}/v1/jobs/${id}/events`, { headers, agent: false }, (response) => {
      let rest = '';
      response.setEncoding('utf8').on('data', (text) => {
        const messages = (rest + text).split('\n\n');
        rest = messages.pop();
        for (const message of messages) take(message, id, told, seen);
      });
      response.once('close', () => resolve(seen));
    });
    request.setTimeout(120_000, () => request.destroy());
    request.on('error', () => resolve(seen));
  });
}

function take(message, id, told, seen) {
  const sequence = /^id: (\d+)$/m.exec(message)?.[1];
  if (/^event: end$/m.test(message)) seen.ended = true;
  if (sequence === undefined) return;
  seen.sequences.push(Number(sequence));
  const epoch = /"type":"epoch".*"data":\{.*"epoch":(\d+)/.exec(message)?.[1];
  // One that arrives before its writer has heard of the commit took no time.
  if (epoch) seen.delays.push(Math.max(0, performance.now() - (told.get(`${id} ${epoch}`) ?? Infinity)));
}
