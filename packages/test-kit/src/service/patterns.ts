/** Log lines that tests wait for. */
export const patterns = {
  apiIsReady: /"ready":\s*true/,
  workerIsReady: /waits for jobs/,
  upIsReady: /listens on/,
} as const;
