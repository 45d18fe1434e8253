import { ago } from '../format.js';

/** A time as people say it; the exact one on hover. */
export const When = ({ at }: { at: string }) => (
  <time dateTime={at} title={new Date(at).toLocaleString()}>
    {ago(at)}
  </time>
);
