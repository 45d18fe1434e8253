import type { JobRow } from './history.js';

const terminal = new Set(['succeeded', 'failed', 'cancelled']);

/** The state that each event leads to, and from which states it may come; events that are not here change nothing. */
const arrows: Record<string, { from: string[]; to: string }> = {
  submitted: { from: [''], to: 'queued' },
  started: { from: ['queued'], to: 'running' },
  handedBack: { from: ['running'], to: 'queued' },
  attemptFailed: { from: ['running', 'pausing'], to: 'queued' },
  pausing: { from: ['running'], to: 'pausing' },
  // A failed attempt of a job that was pausing is told first, and leaves it queued in between.
  paused: { from: ['pausing', 'queued'], to: 'paused' },
  cancelling: { from: ['running', 'pausing'], to: 'cancelling' },
  cancelled: { from: ['cancelling', 'queued', 'paused'], to: 'cancelled' },
  retried: { from: ['failed', 'cancelled'], to: 'queued' },
  succeeded: { from: ['running', 'pausing'], to: 'succeeded' },
  failed: { from: ['running', 'pausing'], to: 'failed' },
};

/** What is wrong with the events of a job: each run of it has to be told from its beginning to one end, without a gap. */
export function faultsOfStory({ state, event_count, events }: JobRow): string[] {
  const faults: string[] = [];
  let told = '';
  for (const [index, { sequence, type, data }] of events.entries()) {
    if (sequence !== index + 1) faults.push(`event ${index + 1} has the number ${sequence}`);
    const next = type === 'resumed' ? resumed(told) : arrows[type];
    if (next && !next.from.includes(told)) faults.push(`event ${sequence}: ${type} while ${told || 'nothing'}`);
    if (next) told = next.to;
    else if (terminal.has(told) && data.code !== 'stale_attempt')
      faults.push(`event ${sequence}: ${type} after the job had ${told}`);
  }
  if (told !== state) faults.push(`its events end with ${told}, its row says ${state}`);
  if (events.length !== event_count) faults.push(`${events.length} events, its row counts ${event_count}`);
  if (!terminal.has(state)) faults.push(`it has not ended: ${state}`);
  const ends = events.filter(({ type }) => terminal.has(type)).length;
  const retries = events.filter(({ type }) => type === 'retried').length;
  if (ends !== retries + 1) faults.push(`it ended ${ends} times after ${retries} retries`);
  return faults;
}

const resumed = (state: string) => ({
  from: ['paused', 'pausing'],
  to: state === 'pausing' ? 'running' : 'queued',
});
