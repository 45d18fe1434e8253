import type { Job } from '@trainyard/contracts';
import { useState } from 'react';

/** The whole spec, as it can be submitted again. */
export function Spec({ spec }: Pick<Job, 'spec'>) {
  const [outcome, setOutcome] = useState('');
  const text = JSON.stringify(spec, null, 2);
  const copy = () =>
    // Only pages over HTTPS and of this machine may write to the clipboard.
    navigator.clipboard?.writeText(text).then(
      () => setOutcome('copied'),
      (error: Error) => setOutcome(error.message),
    );
  return (
    <section>
      <h2>Spec</h2>
      {navigator.clipboard && (
        <button type="button" onClick={() => void copy()}>
          Copy
        </button>
      )}{' '}
      <span role="status">{outcome}</span>
      <pre>{text}</pre>
    </section>
  );
}
