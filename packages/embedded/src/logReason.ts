/**
 * Why a process ended, from the end of its log: the sentence that it wrote for the operator, or the message of the
 * error whose stack it wrote, else its last line of JSON.
 */
export function reasonOf(log: string): string {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  const plain = lines.filter((line) => !line.startsWith('{'));
  const stack = plain.findIndex((line) => /^\s+at /.test(line));
  if (stack > 0) {
    const thrown = plain.slice(0, stack).findLast((line) => /^\w*Error\b/.test(line)) ?? plain[stack - 1] ?? '';
    return thrown.replace(/^Error: /, '');
  }
  return plain.at(-1) ?? messageOf(lines.at(-1)) ?? 'it wrote nothing to its log';
}

function messageOf(line: string | undefined): string | null {
  if (line === undefined) return null;
  try {
    const { msg, err } = JSON.parse(line);
    return err?.message ? `${msg}: ${err.message}` : String(msg);
  } catch {
    return line;
  }
}
