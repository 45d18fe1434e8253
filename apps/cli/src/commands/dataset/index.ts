import type { Command } from 'commander';
import type { Context } from '../../context.js';
import { addImport } from './import.js';
import { addManage } from './manage.js';
import { addSamples } from './samples.js';
import { addUpload } from './upload.js';

export function addDataset(program: Command, context: Context): void {
  const dataset = program.command('dataset').description('import, upload, show, export, rename and delete datasets');
  addImport(dataset, context);
  addUpload(dataset, context);
  addManage(dataset, context);
  addSamples(dataset, context);
}
