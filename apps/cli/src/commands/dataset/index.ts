import type { Command } from 'commander';
import type { Context } from '../../context.js';
import { addImport } from './import.js';
import { addManage } from './manage.js';

export function addDataset(program: Command, context: Context): void {
  const dataset = program.command('dataset').description('import, show, export, rename and delete datasets');
  addImport(dataset, context);
  addManage(dataset, context);
}
