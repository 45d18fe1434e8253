import { useState } from 'react';
import { changeJobs } from '../server/runs.js';

interface Props {
  selected: ReadonlySet<string>;
  onDone: () => void;
}

/** What can be done with the selected rows, and what came of it. */
export function Selection({ selected, onDone }: Props) {
  const [outcome, setOutcome] = useState('');
  const act = (action: 'cancel' | 'retry') =>
    changeJobs(action, [...selected])
      .then(setOutcome, (error: Error) => setOutcome(error.message))
      .finally(onDone);
  return (
    <div className="selection">
      <button type="button" disabled={selected.size === 0} onClick={() => void act('cancel')}>
        Cancel
      </button>
      <button type="button" disabled={selected.size === 0} onClick={() => void act('retry')}>
        Retry
      </button>
      <span role="status">{selected.size > 0 ? `${selected.size} selected` : outcome}</span>
    </div>
  );
}
