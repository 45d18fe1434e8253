import type { CheckpointFormat, Job } from '@trainyard/contracts';
import { bytes, loss, percent } from '../format.js';
import { serviceUrl } from '../server/client.js';
import { useCheckpoints } from '../server/run.js';

const formats: CheckpointFormat[] = ['tfjs', 'safetensors', 'onnx', 'torch'];
const download = (id: string, epoch: number, format: CheckpointFormat) =>
  new URL(`v1/jobs/${id}/checkpoints/${epoch}/download?format=${format}`, serviceUrl).href;

export function Checkpoints({ job }: { job: Job }) {
  const { data = [] } = useCheckpoints(job);
  const whole = data.filter(({ step }) => step === 0);
  if (whole.length === 0) return null;
  return (
    <section>
      <h2>Checkpoints</h2>
      <table>
        <thead>
          <tr>
            {['Epoch', 'Loss', 'Accuracy', 'Size', 'SHA-256 of the weights', 'Download'].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {whole.map(({ epoch, best, validationLoss, validationAccuracy, bytes: size, weightsSha256 }) => (
            <tr key={`${epoch} ${weightsSha256}`}>
              <th scope="row">
                {epoch} {best && 'best'}
              </th>
              <td className="number">{loss(validationLoss)}</td>
              <td className="number">{percent(validationAccuracy)}</td>
              <td className="number">{bytes(size)}</td>
              <td>
                <code title={weightsSha256}>{weightsSha256.slice(0, 12)}</code>
              </td>
              <td>
                {formats.map((format) => (
                  <a key={format} href={download(job.id, epoch, format)} download>
                    {format}{' '}
                  </a>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
