import type { JobState } from '@trainyard/contracts';

/** The state of a job, in words and in a colour. */
export const State = ({ state }: { state: JobState }) => <span className={`state ${state}`}>{state}</span>;
