import type { Command, Option } from 'commander';

/** What can be written after a command. */
export interface CommandWords {
  /** e.g. `dataset import`; empty for the program itself. */
  path: string;
  /** Names of its own commands, and what its first argument can be. */
  words: Word[];
  options: OptionWords[];
}

export interface Word {
  name: string;
  description: string;
}

export interface OptionWords {
  /** e.g. `-n` and `--tail`. */
  flags: string[];
  description: string;
  takesValue: boolean;
  /** The values that it takes, where there is a list of them. */
  choices: readonly string[];
}

/** Every command of a program, the program itself first. */
export function wordsOf(program: Command, argumentsOf: Record<string, readonly string[]>): CommandWords[] {
  const visit = (command: Command, path: string): CommandWords[] => {
    const help = command.createHelp();
    const children = help.visibleCommands(command).filter((child) => child.parent === command);
    const first = command.registeredArguments[0]?.argChoices ?? argumentsOf[path] ?? [];
    const own = {
      path,
      words: [
        ...children.map((child) => ({ name: child.name(), description: child.description() })),
        ...first.map((name) => ({ name, description: '' })),
      ],
      options: [...help.visibleOptions(command), ...(path === '' ? [] : help.visibleGlobalOptions(command))].map(words),
    };
    return [own, ...children.flatMap((child) => visit(child, `${path} ${child.name()}`.trim()))];
  };
  return visit(program, '');
}

const words = ({ short, long, description, required, optional, argChoices }: Option): OptionWords => ({
  flags: [short, long].filter((flag) => flag != null),
  description,
  takesValue: required || optional,
  choices: argChoices ?? [],
});
