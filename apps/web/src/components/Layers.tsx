import type { Job } from '@trainyard/contracts';
import { count } from '../format.js';
import { usePlan } from '../server/run.js';

const shape = (sizes: readonly number[]) => sizes.join('×');

/** The layer table, with the sizes of the outputs. */
export function Layers({ job }: { job: Job }) {
  const { data } = usePlan(job);
  if (!data) return null;
  return (
    <section>
      <h2>Layers</h2>
      <table>
        <thead>
          <tr>
            {['Layer', 'Detail', 'Output', 'Parameters', 'FLOPs'].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.architecture.layers.map(({ pointer, type, detail, outputShape, parameters, flops }) => (
            <tr key={pointer}>
              <th scope="row">{type}</th>
              <td>{detail}</td>
              <td className="number">{shape(outputShape)}</td>
              <td className="number">{count(parameters)}</td>
              <td className="number">{count(flops)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
