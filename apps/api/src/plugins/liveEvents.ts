import type { Database } from '@trainyard/db';
import plugin from 'fastify-plugin';
import { LiveEvents } from '#services/liveEvents.js';

declare module 'fastify' {
  interface FastifyInstance {
    liveEvents: LiveEvents;
  }
}

/** Connects the event streams to Postgres' notifications, and ends them when the app closes. */
export const liveEvents = plugin<{ db: Pick<Database, 'listen'>; pollSeconds: number }>(
  async (app, { db, pollSeconds }) => {
    const live = new LiveEvents(pollSeconds);
    app.decorate('liveEvents', live);
    const stop = await db.listen('job_events', (jobId) => live.notify(jobId));
    // In preClose: the server then waits until its open connections end, and streams do not end by themselves.
    app.addHook('preClose', async () => live.closing.abort());
    app.addHook('onClose', () => stop());
  },
);
