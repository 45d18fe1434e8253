/** What benchmarks print. */

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  return middle.reduce((sum, number) => sum + number / middle.length, 0);
}

/** Columns are `[title, cell of a row]`; texts to the left, all else to the right. */
export function printColumns(rows, columns) {
  const cells = [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, cell]) => cell(row)))];
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  const isText = columns.map((_, i) => cells.slice(1).every((row) => /^[^-\d]/.test(row[i])));
  for (const row of cells)
    console.log(
      row
        .map((cell, i) => (isText[i] ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join('  ')
        .trimEnd(),
    );
}
