import type { Command } from 'commander';
import type { Context } from '../context.js';
import { formatBarLine } from '../format/epochs.js';
import { counted, formatBytes } from '../format/numbers.js';
import { exportProject } from '../leave/exportProject.js';
import { checkedExport } from '../leave/importProject.js';
import { bytesOf, type Manifest } from '../leave/manifest.js';

const help = `
Rows are written as Parquet, files of checkpoints as they are, and last a
manifest with the SHA-256 of each. Stopped or killed, the same command goes on;
on a complete export, it adds the jobs that have ended since. Jobs that have not
ended are left out.

Examples:
  trainyard export ./backup --url https://trainyard.example
  trainyard export ./backup --verify
  trainyard import ./backup`;

interface ExportFlags {
  datasets?: boolean;
  verify?: boolean;
}

export function addExport(program: Command, context: Context): void {
  program
    .command('export')
    .description('write all jobs of the project, with their rows and files, to a folder')
    .argument('<folder>', 'a new or empty folder, or one with an earlier export')
    .option('--datasets', 'also the images of the datasets, as tars')
    .option('--verify', 'only compare every file of the folder with its manifest')
    .addHelpText('after', help)
    .action((folder: string, { datasets = false, verify = false }: ExportFlags) =>
      verify ? verifyExport(context, folder) : exportTo(context, folder, datasets),
    );
}

async function exportTo(context: Context, folder: string, datasets: boolean): Promise<void> {
  const { terminal } = context;
  const client = await context.client();
  const from = client.serviceUrl;
  const manifest = await context.interruptible((signal) => {
    const onProgress = (jobs: number, bytes: number) =>
      terminal.status(`${counted(jobs, 'job')}, ${formatBytes(bytes)}`);
    return exportProject(client, folder, { from, datasets, signal, onProgress });
  });
  if (manifest === null) return terminal.warn('the export was stopped; the same command goes on with it');
  const { damaged, unfinished } = manifest;
  for (const { path, expected, got } of damaged)
    terminal.warn(`${path} is damaged on the service: it has the SHA-256 ${got} instead of ${expected}; left out`);
  if (unfinished > 0)
    terminal.warn(`${counted(unfinished, 'job')} left out, not ended yet; the same command adds what has ended`);
  context.show(summaryOf(manifest), () => [`${folder}  ${linesOf(manifest)}`]);
}

/** @throws InvalidInputError that names each damaged file with both digests */
async function verifyExport(context: Context, folder: string): Promise<void> {
  const { terminal } = context;
  const manifest = await checkedExport(folder, (bytes, total) =>
    terminal.status(formatBarLine('checking', bytes / Math.max(total, 1), formatBytes(bytes), terminal.columns)),
  );
  terminal.status('');
  context.show(summaryOf(manifest), () => [`${folder}  ${linesOf(manifest)}; every file is as its manifest says`]);
}

const filesOf = ({ parts }: Manifest): number => parts.reduce((sum, { files }) => sum + files.length, 0);

const summaryOf = (manifest: Manifest) => {
  const { from, jobs, unfinished, damaged } = manifest;
  return { from, jobs, files: filesOf(manifest), bytes: bytesOf(manifest), unfinished, damaged };
};

const linesOf = (manifest: Manifest): string =>
  `${counted(manifest.jobs, 'job')}, ${counted(filesOf(manifest), 'file')}, ${formatBytes(bytesOf(manifest))}`;
