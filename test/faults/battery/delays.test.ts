import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Delays, type Injection } from './delays.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

type Row = { id: string; state: string; signature: string; pid: number | null };

/** Two workers with the pids 1 and 2; `rows` are the jobs that have not ended. */
function scene() {
  const rows: Row[] = [];
  const injections: Injection[] = [];
  const up = (name: string, pid: number) => ({ name, process: { pid } as { pid: number } | null, frozen: false });
  const machines = {
    sql: async <T>() => rows as T[],
    api: up('api', 9),
    workers: [up('worker 1', 1), up('worker 2', 2)],
  };
  const delays = new Delays(machines, injections);
  /** Samples every second. */
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      await delays.sample();
      vi.advanceTimersByTime(1000);
    }
    await delays.sample();
  };
  const inject = (kind: string, hits: string[] = [], seconds = 0) => {
    const from = performance.now();
    injections.push({ kind, hits, from, to: from + 1000 * seconds });
  };
  const job = (id: string, state: string, pid: number | null = null) => rows.push({ id, state, signature: '', pid });
  return { rows, machines, delays, pass, inject, job };
}

test('a running job without progress is a complaint that names the fault beside it', async () => {
  const { rows, delays, pass, inject, job } = scene();
  job('job_1', 'running', 1);
  inject('fault');
  await pass(20);
  (rows[0] as Row).signature = 'progress';
  await pass(29);
  expect(delays.complaints).toEqual([]);
  await pass(11);
  expect(delays.complaints).toEqual(['job_1 stayed running on worker 1 without progress for 40 s, beside: no fault']);
  expect(delays.longest.get('fault')).toBe(20_000);
});

test('an idle worker is a complaint while jobs are queued', async () => {
  const { rows, delays, pass, job } = scene();
  await pass(60);
  expect(delays.complaints).toEqual([]);
  job('job_1', 'queued');
  job('job_2', 'running', 1);
  for (let n = 0; n < 40; n += 1) {
    (rows[1] as Row).signature = `${n}`;
    await pass(1);
  }
  expect(delays.complaints).toEqual([
    expect.stringMatching(/^worker 2 ran nothing though jobs were queued for (39|40) s, beside: no fault$/),
  ]);
});

test('what a fault hits is not measured until the fault is over', async () => {
  const { machines, delays, pass, inject, job } = scene();
  job('job_1', 'running', 1);
  job('job_2', 'queued');
  inject('cut', ['worker 1', 'worker 2'], 100);
  await pass(100);
  inject('away', ['servers'], 100);
  await pass(100);
  machines.api.process = null;
  inject('locked', ['job_1'], 100);
  await pass(100);
  expect(delays.complaints).toEqual([]);
  machines.api.process = { pid: 9 };
  await pass(20);
  // The clocks start at the last sample that a fault explains, up to a second before its end.
  expect(delays.table()).toEqual([
    'fault   times  longest delay beside it',
    'away        1       0.0 s',
    'cut         1       1.0 s',
    'locked      1      21.0 s',
  ]);
  await pass(20);
  expect(delays.complaints.length).toBe(2);
});

test('the job of a worker that is gone is measured', async () => {
  const { machines, delays, pass, inject, job } = scene();
  job('job_1', 'running', 1);
  inject('worker killed');
  const [worker] = machines.workers;
  if (worker) worker.process = null;
  await pass(31);
  expect(delays.complaints).toEqual([
    'job_1 stayed running on a worker that is gone without progress for 31 s, beside: worker killed',
  ]);
});
