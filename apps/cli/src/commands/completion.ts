import { InvalidInputError } from '@trainyard/contracts';
import { presetList } from '@trainyard/spec';
import { Argument, type Command } from 'commander';
import { scripts } from '../completion/scripts.js';
import { wordsOf } from '../completion/words.js';
import type { Context } from '../context.js';

const help = `
Examples:
  source <(trainyard completion bash)            in ~/.bashrc
  source <(trainyard completion zsh)             in ~/.zshrc
  trainyard completion fish > ~/.config/fish/completions/trainyard.fish`;

export function addCompletion(program: Command, { terminal }: Context): void {
  program
    .command('completion')
    .description('a script that completes commands, options and presets in a shell')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(Object.keys(scripts)))
    .addHelpText('after', help)
    .action((shell: string) => {
      const script = scripts[shell];
      if (!script) throw new InvalidInputError(`there is no completion for ${shell}`);
      const presets = presetList().map(({ name }) => name);
      terminal.print(script(wordsOf(program, { submit: presets, describe: presets })));
    });
}
