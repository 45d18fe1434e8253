import './ignoreSignals.js';
import {
  type StartCommand,
  type TrainerMessage,
  TrainingFailure,
  trainerCommandSchema,
  unhandledMessages,
} from '@trainyard/contracts';
import { nativeAvailability } from '@trainyard/executor-native';
import { usableMemory } from '@trainyard/process';
import { TrainingSignal, train } from '@trainyard/training';
import { chooseExecutor } from './chooseExecutor.js';

/**
 * The child process that trains one job. The worker forks it ahead of time, so that modules and the addon are loaded
 * when a job comes. The command `start` begins the training; after its last message the process exits.
 */

const signal = new TrainingSignal();
const [threads = 1, shares = 1] = process.argv.slice(2).map(Number);

/** Messages that the worker has not acknowledged. */
let unhandled = 0;
let onHandled = () => {};

// Without its worker, stop within a second: nothing can be reported, and the job's next attempt needs the machine.
process.on('disconnect', () => {
  signal.requestCancel();
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1000);
});

process.on('message', (raw) => {
  const command = trainerCommandSchema.parse(raw);
  if (command.type === 'cancel') signal.requestCancel();
  else if (command.type === 'suspend') signal.requestSuspend();
  else if (command.type === 'handled') handled();
  else void trainAndExit(command);
});

function handled(): void {
  unhandled -= 1;
  onHandled();
}

// Loads the addon before a job has to wait for it.
nativeAvailability();

async function trainAndExit(command: StartCommand): Promise<void> {
  try {
    await trainJob(command);
  } catch (error) {
    if (!(error instanceof TrainingFailure)) throw error;
    await emit({ type: 'failed', failure: { code: error.code, message: error.message }, results: null });
  }
  process.exit(0);
}

async function trainJob(command: StartCommand): Promise<void> {
  const { precision } = command.spec;
  const { executor, warning } = await chooseExecutor({ ...command, precision }, threads);
  if (warning) await emit({ type: 'warning', ...warning });
  const { type: _, executor: __, device: ___, ...job } = command;
  await train({ ...job, executor, memoryBytes: usableMemory(shares), signal, emit });
}

/**
 * Sends a message to the worker. Waits while too many are unacknowledged, but drops progress then, which is worthless
 * when late. Resolves when the message is written to the channel, so that the process may exit after its last one.
 */
async function emit(message: TrainerMessage): Promise<void> {
  if (message.type === 'progress' && unhandled >= unhandledMessages.withProgress) return;
  while (unhandled >= unhandledMessages.max) await acknowledgement();
  unhandled += 1;
  return new Promise((resolve, reject) => {
    if (!process.connected) return reject(new Error('the worker has exited'));
    process.send?.(message, undefined, undefined, (error: Error | null) => (error ? reject(error) : resolve()));
  });
}

const acknowledgement = (): Promise<void> =>
  new Promise((resolve) => {
    onHandled = resolve;
  });
