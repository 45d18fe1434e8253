import { Command } from 'commander';
import { addAlias } from './commands/alias.js';
import { addArchitectures } from './commands/architectures.js';
import { addCompare } from './commands/compare.js';
import { addCompletion } from './commands/completion.js';
import { addControls } from './commands/control.js';
import { addDataset } from './commands/dataset/index.js';
import { addDelete } from './commands/delete.js';
import { addDescribe } from './commands/describe.js';
import { addDownload } from './commands/download.js';
import { addEdit } from './commands/edit.js';
import { addExperiments } from './commands/experiments.js';
import { addExport } from './commands/export.js';
import { addImport } from './commands/import.js';
import { addKeys } from './commands/keys.js';
import { addList } from './commands/list.js';
import { addLogs } from './commands/logs.js';
import { addOperations } from './commands/operations.js';
import { addPredict } from './commands/predict.js';
import { addPredictions } from './commands/predictions.js';
import { addProjects } from './commands/projects.js';
import { addReplay } from './commands/replay.js';
import { addResults } from './commands/results.js';
import { addShow } from './commands/show.js';
import { addStatus } from './commands/status.js';
import { addStop } from './commands/stop.js';
import { addSubmit } from './commands/submit.js';
import { addTest } from './commands/test.js';
import { addUp } from './commands/up.js';
import { addVerify } from './commands/verify.js';
import { addWait } from './commands/wait.js';
import { addWatch } from './commands/watch.js';
import { addWebhooks } from './commands/webhooks.js';
import { addWeights } from './commands/weights.js';
import type { Context, GlobalOptions } from './context.js';
import { exitCodesHelp } from './exitCodes.js';
import { version } from './version.js';

/** Every command, in the order in which help lists them. */
const commands = [
  addUp,
  addStatus,
  addStop,
  addSubmit,
  addWatch,
  addWait,
  addList,
  addExperiments,
  addShow,
  addLogs,
  addResults,
  addPredictions,
  addPredict,
  addCompare,
  addDownload,
  addAlias,
  addVerify,
  addEdit,
  addControls,
  addReplay,
  addTest,
  addDelete,
  addDataset,
  addArchitectures,
  addDescribe,
  addWeights,
  addExport,
  addImport,
  addKeys,
  addProjects,
  addWebhooks,
  addOperations,
  addCompletion,
];

/**
 * The grammar of the command line. Actions use `context`. A wrong command line throws a CommanderError and does not
 * exit.
 */
export function buildProgram(context: Context): Command {
  const program = new Command('trainyard')
    .description('Train image classifiers: submit an experiment, watch it, compare and download what came out.')
    .version(version)
    .option('--json', 'write JSON, and errors as JSON to standard error')
    .option('--url <url>', 'the service; default: TRAINYARD_URL, else the one that `trainyard up` started')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(add --help for the command’s options)')
    .addHelpText('after', `\n${exitCodesHelp}`)
    .hook('preAction', (_, command) => {
      context.options = command.optsWithGlobals<GlobalOptions>();
    });
  for (const add of commands) add(program, context);
  for (const command of [program, ...descendants(program)]) quieten(command, context);
  return program;
}

const descendants = (command: Command): Command[] =>
  command.commands.flatMap((child) => [child, ...descendants(child)]);

/** Makes the command throw instead of exiting, and write to the context's terminal. */
function quieten(command: Command, { terminal }: Context): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => terminal.print(text.trimEnd()),
    writeErr: (text) => terminal.warn(text.trimEnd()),
    getOutHelpWidth: () => Math.min(terminal.columns, 100),
    getErrHelpWidth: () => Math.min(terminal.columns, 100),
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
}
