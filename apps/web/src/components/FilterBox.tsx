import { ProblemError } from '@trainyard/client';
import { type FormEvent, useEffect, useState } from 'react';

/** Where the service found a fault in a filter: the character, from 0, and why. */
function faultOf(error: Error | null): { at: number; reason: string } | null {
  if (!(error instanceof ProblemError)) return null;
  const detail = error.errors.find(({ pointer }) => pointer === '/filter')?.detail ?? '';
  const [, character, reason = ''] = /wrong at character (\d+): (.*)$/s.exec(detail) ?? [];
  return character === undefined ? null : { at: Number(character) - 1, reason };
}

interface Props {
  filter: string;
  error: Error | null;
  onChange: (filter: string) => void;
}

/** The filter language of the API; Enter applies it, and a fault is marked at its character. */
export function FilterBox({ filter, error, onChange }: Props) {
  const [text, setText] = useState(filter);
  useEffect(() => setText(filter), [filter]);
  const fault = faultOf(error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onChange(text.trim());
  };
  return (
    <form className="filter" onSubmit={submit}>
      <input
        type="search"
        aria-label="Filter"
        placeholder="Filter, such as state = running AND validation.accuracy > 0.6"
        value={text}
        onChange={(event) => setText(event.target.value)}
        aria-invalid={fault !== null}
        aria-describedby="filter-fault"
        spellCheck={false}
      />
      <button type="submit">Filter</button>
      <p id="filter-fault" role="alert">
        {fault && (
          <>
            <code>
              {filter.slice(0, fault.at)}
              <mark>{filter[fault.at] ?? '▏'}</mark>
              {filter.slice(fault.at + 1)}
            </code>{' '}
            {fault.reason}
          </>
        )}
      </p>
    </form>
  );
}
