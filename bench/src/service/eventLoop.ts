/**
 * Loaded into every process of the stack by `--import`: in the worker it samples the delay of the event loop every 10
 * ms, and writes the figures when the process ends. The environment names the file and the worker's script.
 */
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds by which the event loop was late. */
export interface EventLoopDelay {
  p50: number;
  p99: number;
  max: number;
  samples: number;
}

const { TRAINYARD_BENCH_DELAY_FILE: file, TRAINYARD_BENCH_WORKER: workerScript } = process.env;
if (file && process.argv[1] === workerScript) measure(file);

function measure(file: string): void {
  const resolution = 10;
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  // Loading modules blocks the loop for a moment, and no job waits for that: begin when the worker reports that it is
  // ready.
  const send = process.send?.bind(process);
  if (send)
    process.send = ((...args: Parameters<typeof send>) => {
      delay.reset();
      return send(...args);
    }) as typeof send;
  const milliseconds = (nanoseconds: number) => Math.max(nanoseconds / 1e6 - resolution, 0);
  process.on('exit', () => {
    const figures: EventLoopDelay = {
      p50: milliseconds(delay.percentile(50)),
      p99: milliseconds(delay.percentile(99)),
      max: milliseconds(delay.max),
      samples: delay.count,
    };
    writeFileSync(file, JSON.stringify(figures));
  });
}
