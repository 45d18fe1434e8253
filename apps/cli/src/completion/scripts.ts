import type { CommandWords, OptionWords } from './words.js';

/** The script of a shell, by its name. It contains the words: no completion starts Node or asks a service. */
export const scripts: Record<string, (commands: CommandWords[]) => string> = { bash, zsh, fish };

/** Words of the shell: names of commands, flags and presets have no character that a shell treats specially. */
const list = (words: readonly string[]): string => `'${words.join(' ')}'`;

/**
 * Bash completes file names where no word fits, since specs, images and archives are arguments of many commands. Only
 * options are offered after a hyphen, and only the values that an option takes after it.
 */
function bash(commands: CommandWords[]): string {
  const valued = commands.flatMap(({ path, options }) =>
    options.filter(({ takesValue }) => takesValue).map((option) => ({ path, ...option })),
  );
  return `# Completion of trainyard for bash:  source <(trainyard completion bash)
_trainyard() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command= word words= flags= taken=
  for word in "\${COMP_WORDS[@]:1:$((COMP_CWORD - 1))}"; do
    case "$command $word" in
${commands
  .filter(({ path }) => path !== '')
  .map(({ path }) => `      ${quote(path.includes(' ') ? path : ` ${path}`)}) command=${quote(path)} ;;`)
  .join('\n')}
    esac
  done
  case "$command $before" in
${valued
  .map(({ path, flags, choices }) => {
    const pattern = flags.map((flag) => quote(`${path} ${flag}`)).join('|');
    return `    ${pattern}) words=${list(choices)}; flags=$words; taken=1 ;;`;
  })
  .join('\n')}
  esac
  [ -n "$taken" ] || case $command in
${commands
  .map(({ path, words, options }) => {
    const names = list(words.map(({ name }) => name));
    return `    ${quote(path)}) words=${names} flags=${list(options.flatMap(({ flags }) => flags))} ;;`;
  })
  .join('\n')}
  esac
  case $current in
    -*) words=$flags ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _trainyard trainyard`;
}

/** Zsh runs the script of bash. */
function zsh(commands: CommandWords[]): string {
  const [, ...body] = bash(commands).split('\n');
  return [
    '# Completion of trainyard for zsh:  source <(trainyard completion zsh)',
    'autoload -Uz compinit bashcompinit && compinit && bashcompinit',
    ...body,
  ].join('\n');
}

function fish(commands: CommandWords[]): string {
  const lines = commands.flatMap(({ path, words, options }) => {
    const children = commands.filter((other) => isChild(other.path, path)).map((other) => lastOf(other.path));
    const seen = path
      .split(' ')
      .filter(Boolean)
      .map((word) => `__fish_seen_subcommand_from ${word}`);
    const none = children.length === 0 ? [] : [`not __fish_seen_subcommand_from ${children.join(' ')}`];
    const first = path === '' ? ['__fish_use_subcommand'] : [...seen, ...none];
    const where = (conditions: string[]) => (conditions.length === 0 ? '' : ` -n ${quote(conditions.join('; and '))}`);
    return [
      ...words.map(
        ({ name, description }) => `complete -c trainyard${where(first)} -a ${quote(name)} -d ${quote(description)}`,
      ),
      ...options.map((option) => `complete -c trainyard${where(seen)}${fishOption(option)}`),
    ];
  });
  return ['# Completion of trainyard for fish:  trainyard completion fish | source', ...lines].join('\n');
}

const isChild = (path: string, parent: string): boolean =>
  path !== '' && path.split(' ').slice(0, -1).join(' ') === parent;

const lastOf = (path: string): string => path.split(' ').at(-1) ?? '';

function fishOption({ flags, description, takesValue, choices }: OptionWords): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? ` -l ${flag.slice(2)}` : ` -s ${flag.slice(1)}`));
  const values = choices.length > 0 ? ` -x -a ${quote(choices.join(' '))}` : '';
  return `${names.join('')}${takesValue ? values || ' -r' : ''} -d ${quote(description)}`;
}

/** In single quotes, as bash, zsh and fish take it; each quote and backslash is written so that all three read it. */
const quote = (text: string): string => `'${text.replace(/\\/g, '').replace(/'/g, '’')}'`;
