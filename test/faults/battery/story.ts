import type { JobRow } from './history.js';

const terminal = new Set(['succeeded', 'failed', 'cancelled']);

/** The state that each event leads to, and the states in which it may happen. Other events change no state. */
const arrows: Record<string, { from: string[]; to: string }> = {
  submitted: { from: [''], to: 'queued' },
  started: { from: ['queued'], to: 'running' },
  handedBack: { from: ['running'], to: 'queued' },
  attemptFailed: { from: ['running', 'pausing'], to: 'queued' },
  pausing: { from: ['running'], to: 'pausing' },
  // When an attempt of a pausing job fails, its `attemptFailed` comes first and leaves the job queued in between.
  paused: { from: ['pausing', 'queued'], to: 'paused' },
  cancelling: { from: ['running', 'pausing'], to: 'cancelling' },
  cancelled: { from: ['cancelling', 'queued', 'paused'], to: 'cancelled' },
  retried: { from: ['failed', 'cancelled'], to: 'queued' },
  succeeded: { from: ['running', 'pausing'], to: 'succeeded' },
  failed: { from: ['running', 'pausing'], to: 'failed' },
};

/** Checks the events of a job: each of its runs must have all events from its start to exactly one end. */
export function problemsOfStory({ state, event_count, events }: JobRow): string[] {
  const problems: string[] = [];
  let current = '';
  for (const [index, { sequence, type, data }] of events.entries()) {
    if (sequence !== index + 1) problems.push(`event ${index + 1} has the number ${sequence}`);
    const next = type === 'resumed' ? resumed(current) : arrows[type];
    if (next && !next.from.includes(current)) problems.push(`event ${sequence}: ${type} while ${current || 'nothing'}`);
    if (next) current = next.to;
    else if (terminal.has(current) && data.code !== 'stale_attempt')
      problems.push(`event ${sequence}: ${type} after the job had ${current}`);
  }
  if (current !== state) problems.push(`its events end with ${current}, its row says ${state}`);
  if (events.length !== event_count) problems.push(`${events.length} events, its row counts ${event_count}`);
  if (!terminal.has(state)) problems.push(`it has not ended: ${state}`);
  const ends = events.filter(({ type }) => terminal.has(type)).length;
  const retries = events.filter(({ type }) => type === 'retried').length;
  if (ends !== retries + 1) problems.push(`it ended ${ends} times after ${retries} retries`);
  return problems;
}

const resumed = (state: string) => ({
  from: ['paused', 'pausing'],
  to: state === 'pausing' ? 'running' : 'queued',
});
