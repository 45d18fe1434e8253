import type { Job } from '@trainyard/contracts';
import { LineChart } from '../charts/LineChart.js';
import { loss, percent } from '../format.js';
import { useMetrics } from '../server/run.js';

/** Loss and accuracy over the epochs; the best epoch is marked. */
export function Curves({ job }: { job: Job }) {
  const { data: rows = [] } = useMetrics(job);
  if (rows.length === 0) return job.kind === 'training' ? <p role="status">No epoch has ended yet.</p> : null;
  const x = rows.map(({ epoch }) => epoch);
  const mark = job.best?.epoch ?? null;
  return (
    <section>
      <h2>Curves</h2>
      <div className="columns">
        <LineChart
          title="Loss"
          x={x}
          mark={mark}
          format={loss}
          lines={[
            { label: 'validation', color: '--validation', values: rows.map((row) => row.validationLoss) },
            { label: 'training', color: '--training', values: rows.map((row) => row.trainLoss) },
          ]}
        />
        <LineChart
          title="Accuracy"
          x={x}
          mark={mark}
          format={percent}
          lines={[
            { label: 'validation', color: '--validation', values: rows.map((row) => row.validationAccuracy) },
            { label: 'training', color: '--training', values: rows.map((row) => row.trainAccuracy) },
          ]}
        />
      </div>
    </section>
  );
}
