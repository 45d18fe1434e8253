import type { Job } from '@trainyard/contracts';
import { useState } from 'react';
import { count, duration, percent } from '../format.js';
import { changeJobs } from '../server/runs.js';
import { useMay } from '../session.js';
import { State } from './State.js';
import { When } from './When.js';

export function RunHeader({ job }: { job: Job }) {
  const { id, name, state, progress, test, failure } = job;
  return (
    <section className="run-header">
      <h1>
        {name ?? id} <State state={state} />
      </h1>
      <p>
        {job.architecture} on {job.dataset}, {count(job.parameters)} parameters; created <When at={job.createdAt} />;{' '}
        {duration(job.trainingSeconds)} of training
        {test && `; ${percent(test.accuracy)} of ${count(test.total)} test images right`}
      </p>
      {progress && !job.terminal && (
        <p>
          <progress max={1} value={progress.fraction} aria-label="progress" /> epoch {progress.epoch} of{' '}
          {progress.epochs}, {count(Math.round(progress.imagesPerSecond))} images/s
          {progress.etaSeconds !== null && `, ${duration(progress.etaSeconds)} left`}
        </p>
      )}
      {failure && <p role="alert">{failure.message}</p>}
      <Actions job={job} />
    </section>
  );
}

function Actions({ job }: { job: Job }) {
  const [outcome, setOutcome] = useState('');
  if (!useMay('submitter')) return null;
  const act = (action: 'cancel' | 'retry') => {
    changeJobs(action, [job.id]).then(setOutcome, (error: Error) => setOutcome(error.message));
  };
  const mayRetry = job.state === 'failed' || job.state === 'cancelled';
  return (
    <p>
      {!job.terminal && (
        <button type="button" onClick={() => act('cancel')}>
          Cancel
        </button>
      )}
      {mayRetry && (
        <button type="button" onClick={() => act('retry')}>
          Retry
        </button>
      )}{' '}
      <span role="status">{outcome}</span>
    </p>
  );
}
