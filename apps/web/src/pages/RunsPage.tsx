import { useCallback, useState } from 'react';
import { useSearchParams } from 'react-router';
import { FilterBox } from '../components/FilterBox.js';
import { Notice } from '../components/Notice.js';
import { RunTable } from '../components/RunTable.js';
import { Selection } from '../components/Selection.js';
import { useRuns } from '../server/runs.js';
import { useMay } from '../session.js';

const defaultSort = '-created';

/** All jobs of the project. What a person sets is in the address. */
export function RunsPage() {
  const [address, setAddress] = useSearchParams();
  const view = { filter: address.get('filter') ?? '', sort: address.get('sort') ?? defaultSort };
  const runs = useRuns(view);
  const mayChange = useMay('submitter');
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const set = (name: string, value: string, usual: string) => {
    setAddress((before) => {
      const next = new URLSearchParams(before);
      if (value === usual) next.delete(name);
      else next.set(name, value);
      return next;
    });
    setSelected(new Set());
  };
  const toggle = (id: string) =>
    setSelected((before) => new Set(before.has(id) ? [...before].filter((each) => each !== id) : [...before, id]));
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = runs;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const done = () => {
    setSelected(new Set());
    void runs.refresh();
  };
  return (
    <>
      <title>Runs · Trainyard</title>
      <div className="toolbar">
        <h1>Runs</h1>
        <FilterBox filter={view.filter} error={runs.error} onChange={(filter) => set('filter', filter, '')} />
        {mayChange && <Selection selected={selected} onDone={done} />}
      </div>
      {runs.error && <Notice error={runs.error} />}
      {runs.isPending && <p role="status">Loading</p>}
      {runs.isSuccess && runs.jobs.length === 0 && <Empty isFiltered={view.filter !== ''} />}
      {runs.jobs.length > 0 && (
        <RunTable
          jobs={runs.jobs}
          sort={view.sort}
          onSort={(sort) => set('sort', sort, defaultSort)}
          selected={mayChange ? selected : null}
          onSelect={toggle}
          onEnd={more}
        />
      )}
    </>
  );
}

const Empty = ({ isFiltered }: { isFiltered: boolean }) =>
  isFiltered ? (
    <p>No run matches this filter.</p>
  ) : (
    <p>
      There are no runs yet. Submit the first: <code>trainyard submit lenet --lr 0.01 --batch 20 --epochs 30</code>
    </p>
  );
