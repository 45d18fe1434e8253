import { useVirtualizer } from '@tanstack/react-virtual';
import type { Job } from '@trainyard/contracts';
import { useEffect, useRef } from 'react';
import { useCurves } from '../server/runs.js';
import { RunRow } from './RunRow.js';

/** Titles of the columns, and the fields by which they are sorted; null: by none. */
const columns: [title: string, field: string | null][] = [
  ['Name', 'name'],
  ['State', 'state'],
  ['Network', 'architecture'],
  ['Dataset', 'dataset'],
  ['Progress', null],
  ['Validation loss', null],
  ['Best', 'validation.loss'],
  ['Validation', 'validation.accuracy'],
  ['Test', 'test.accuracy'],
  ['Time', 'duration'],
  ['Created', 'created'],
];
const rowHeight = 37;

interface Props {
  jobs: readonly Job[];
  sort: string;
  onSort: (sort: string) => void;
  /** Null: rows cannot be selected. */
  selected: ReadonlySet<string> | null;
  onSelect: (id: string) => void;
  /** Called when the last row comes near. */
  onEnd: () => void;
}

/** Only the rows on screen are in the document. */
export function RunTable({ jobs, sort, onSort, selected, onSelect, onEnd }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: jobs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  const rows = virtual.getVirtualItems();
  const [first, last] = [rows[0], rows.at(-1)];
  const shown = rows.flatMap(({ index }) => jobs[index] ?? []);
  const curves = useCurves(shown);
  useEffect(() => {
    if (last && last.index >= jobs.length - 10) onEnd();
  }, [last, jobs.length, onEnd]);
  return (
    <div ref={scroller} className="scroller">
      <table className="runs" aria-rowcount={jobs.length}>
        <thead>
          <tr>
            {selected && <th aria-label="Selected" />}
            {columns.map(([title, field]) => (
              <Heading key={title} title={title} field={field} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Space height={first?.start ?? 0} />
          {shown.map((job) => (
            <RunRow
              key={job.id}
              job={job}
              curve={curves.get(job.id)}
              selected={selected?.has(job.id) ?? null}
              onSelect={() => onSelect(job.id)}
            />
          ))}
          <Space height={virtual.getTotalSize() - (last?.end ?? 0)} />
        </tbody>
      </table>
    </div>
  );
}

/** In place of the rows that are not on screen. */
const Space = ({ height }: { height: number }) =>
  height > 0 && (
    <tr>
      <td style={{ height, padding: 0 }} />
    </tr>
  );

type HeadingProps = { title: string; field: string | null } & Pick<Props, 'sort' | 'onSort'>;

function Heading({ title, field, sort, onSort }: HeadingProps) {
  if (field === null) return <th scope="col">{title}</th>;
  const direction = { [field]: 'ascending', [`-${field}`]: 'descending' }[sort] as
    | 'ascending'
    | 'descending'
    | undefined;
  const next = direction === 'descending' ? field : `-${field}`;
  return (
    <th scope="col" aria-sort={direction}>
      <button type="button" onClick={() => onSort(next)}>
        {title}
      </button>
    </th>
  );
}
