import type { Curve, Job } from '@trainyard/contracts';
import { Link } from 'react-router';
import { Sparkline } from '../charts/Sparkline.js';
import { duration, loss, percent } from '../format.js';
import { State } from './State.js';
import { When } from './When.js';

interface Props {
  job: Job;
  curve: Curve | undefined;
  /** Null: the key of the session may change nothing. */
  selected: boolean | null;
  onSelect: () => void;
}

const timeOf = ({ progress, terminal, trainingSeconds }: Job): string => {
  if (terminal) return duration(trainingSeconds);
  return progress?.etaSeconds === null || progress === null ? '' : `${duration(progress.etaSeconds)} left`;
};

export function RunRow({ job, curve, selected, onSelect }: Props) {
  const { id, name, state, progress, best, test } = job;
  const title = name ?? id;
  return (
    <tr data-id={id} aria-selected={selected ?? undefined}>
      {selected !== null && (
        <td>
          <input type="checkbox" aria-label={`Select ${title}`} checked={selected} onChange={onSelect} />
        </td>
      )}
      <td className="name">
        <Link to={`/runs/${id}`} title={id}>
          {title}
        </Link>
      </td>
      <td>
        <State state={state} />
      </td>
      <td>{job.architecture}</td>
      <td>{job.dataset}</td>
      <td className="progress">
        {progress && (
          <>
            <progress max={1} value={progress.fraction} aria-label="progress" /> {progress.epoch}/{progress.epochs}
          </>
        )}
      </td>
      <td>
        <Sparkline values={curve?.points.map(({ validationLoss }) => validationLoss) ?? []} />
      </td>
      <td className="number">{loss(best?.validationLoss)}</td>
      <td className="number">{percent(best?.validationAccuracy)}</td>
      <td className="number">{percent(test?.accuracy)}</td>
      <td className="number">{timeOf(job)}</td>
      <td className="number">
        <When at={job.createdAt} />
      </td>
    </tr>
  );
}
