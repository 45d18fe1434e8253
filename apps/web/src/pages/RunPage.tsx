import type { Job } from '@trainyard/contracts';
import { useParams } from 'react-router';
import { ClassBars } from '../charts/ClassBars.js';
import { Confusion } from '../charts/Confusion.js';
import { Checkpoints } from '../components/Checkpoints.js';
import { Curves } from '../components/Curves.js';
import { Layers } from '../components/Layers.js';
import { Log } from '../components/Log.js';
import { Notice } from '../components/Notice.js';
import { RunHeader } from '../components/RunHeader.js';
import { Spec } from '../components/Spec.js';
import { useJob, useResults } from '../server/run.js';

/** One job, live while it runs. */
export function RunPage() {
  const { id = '' } = useParams();
  const { data: job, error } = useJob(id);
  if (!job) return error ? <Notice error={error} /> : <p role="status">Loading</p>;
  return (
    <>
      <title>{`${job.name ?? job.id} · Trainyard`}</title>
      <RunHeader job={job} />
      <Curves job={job} />
      <Test job={job} />
      <Layers job={job} />
      <Checkpoints job={job} />
      <Log job={job} />
      <Spec spec={job.spec} />
    </>
  );
}

function Test({ job }: { job: Job }) {
  const { data } = useResults(job);
  if (!data) return null;
  return (
    <section>
      <h2>Test</h2>
      <div className="columns">
        <ClassBars classes={data.classes} />
        <Confusion classes={data.classes.map((each) => each.class)} matrix={data.confusion} />
      </div>
    </section>
  );
}
