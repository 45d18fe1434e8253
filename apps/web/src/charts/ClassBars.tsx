import type { ClassResult } from '@trainyard/contracts';
import { count, percent } from '../format.js';

/** What each class gets right, with the counts, as in `705/1000`. */
export function ClassBars({ classes }: { classes: readonly ClassResult[] }) {
  return (
    <table className="bars">
      <caption>Right of the test images, by class</caption>
      <tbody>
        {classes.map(({ class: name, correct, total, accuracy }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td className="bar">
              <progress max={1} value={accuracy ?? 0} aria-label={`accuracy of ${name}`} />
            </td>
            <td className="number">{accuracy === null ? 'N/A' : percent(accuracy)}</td>
            <td className="number">
              {count(correct)}/{count(total)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
