import { presets, resolveModel, summarize } from '@trainyard/architectures';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { formatCount, formatLarge } from '../format/numbers.js';

/** The presets stand in the program itself, so that this needs no service. */
export function addArchitectures(program: Command, context: Context): void {
  program
    .command('architectures')
    .description('list the presets, as they are for CIFAR-10')
    .action(() => {
      const summaries = Object.entries(presets).flatMap(([name, { description }]) => {
        const { model } = resolveModel(name, [32, 32, 3], 10);
        return model ? [{ ...summarize(model), description }] : [];
      });
      context.show({ data: summaries }, () =>
        summaries.flatMap(({ name, description, parameters, flops, layers }) => [
          `${context.terminal.paint('bold', name)}  ${layers.length} layers, ${formatCount(parameters)} parameters, ${formatLarge(flops)}FLOPs an image`,
          `  ${description}`,
        ]),
      );
    });
}
