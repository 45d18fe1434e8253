import type { Command } from 'commander';
import type { Context } from '../context.js';
import { paintState } from '../format/jobs.js';
import { parseJobId } from '../parsers.js';

/** Commands that control a job; each key is the name of the command and of the client's method. */
const controls = {
  pause: 'pause a job: at once when it waits; when it runs, after it has written a checkpoint',
  resume: 'continue a paused job from its checkpoint',
  cancel: 'cancel a job: at once when it waits, within a second when it runs',
  retry: 'run a failed or cancelled job again, from its last checkpoint if it has one',
} as const;

export function addControls(program: Command, context: Context): void {
  for (const [name, description] of Object.entries(controls) as [keyof typeof controls, string][]) {
    program
      .command(name)
      .description(description)
      .argument('<job>', 'its id', parseJobId)
      .action(async (id: string) => {
        const client = await context.client();
        const job = await client[name](id);
        context.show(job, () => [`${job.id}  ${paintState(context.terminal, job.state)}`]);
      });
  }
}
