import type { Job } from '@trainyard/contracts';
import { useLog } from '../server/run.js';
import { When } from './When.js';

/** The last events, newest first. */
export function Log({ job }: { job: Job }) {
  const { data = [] } = useLog(job);
  return (
    <section>
      <h2>Log</h2>
      <ol className="log" reversed>
        {data.map(({ sequence, at, level, message }) => (
          <li key={sequence} className={level}>
            <When at={at} /> {message}
          </li>
        ))}
      </ol>
    </section>
  );
}
