import { after, type Fault, kill } from './fault.js';

export const processFaults: Record<string, Fault> = {
  async 'trainer killed'({ machines, random }) {
    const trainers = machines.workers.flatMap(({ process }) => process?.children ?? []);
    if (trainers.length === 0) return null;
    const pid = random.pick(trainers);
    return kill(pid, 'SIGKILL') ? { what: `${pid}`, hits: [] } : null;
  },

  async 'worker killed'({ machines, random }) {
    const worker = random.pick(machines.workers);
    worker.kill(random.integer(0, 2000));
    return { what: worker.name, hits: [] };
  },

  async 'worker stopped'({ machines, random }) {
    const worker = random.pick(machines.workers);
    if (!worker.process || worker.frozen) return null;
    return { what: worker.name, hits: [worker.name], over: worker.terminate(random.integer(0, 1000)) };
  },

  /** After ten seconds its job is given to another worker; when it continues, its attempt is stale. */
  async 'worker frozen'({ machines, random }) {
    const worker = random.pick(machines.workers);
    const pid = worker.process?.pid;
    if (!pid || worker.frozen || worker.ending || !kill(pid, 'SIGSTOP')) return null;
    worker.frozen = true;
    const milliseconds = random.pick([300, 3000, 14_000]);
    const over = after(milliseconds, () => {
      worker.frozen = false;
      kill(pid, 'SIGCONT');
    });
    return { what: `${worker.name} for ${milliseconds} ms`, hits: [worker.name], over };
  },

  async 'api killed'({ machines, random }) {
    machines.api.kill(random.integer(0, 2000));
    return { what: '', hits: [] };
  },

  async 'api stopped'({ machines, random }) {
    if (!machines.api.process) return null;
    return { what: '', hits: ['api'], over: machines.api.terminate(random.integer(0, 1000)) };
  },
};
