/** The path of a job, or of a part of it. */
export const jobPath = (id: string, ...rest: string[]): string =>
  ['v1/jobs', ...[id, ...rest].map(encodeURIComponent)].join('/');
