import type { LogLine } from '@trainyard/contracts';
import { printable, type Terminal } from '../terminal.js';

const styles = { info: null, warning: 'yellow', error: 'red' } as const;

/**
 * A line of a job's log, e.g. `2026-11-23 22:48:03  warning  trainer: no such file`, the time in UTC; further lines of
 * a message stand below its first.
 */
export function formatLogLine({ at, level, message }: LogLine, terminal: Terminal): string[] {
  const time = new Date(at).toISOString().slice(0, 19).replace('T', ' ');
  const style = styles[level] ?? null;
  const before = `${time}  ${level.padEnd('warning'.length)}  `;
  return message.split('\n').map((text, i) => {
    const line = printable(text);
    return (i === 0 ? before : ' '.repeat(before.length)) + (style === null ? line : terminal.paint(style, line));
  });
}
