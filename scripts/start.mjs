import { main, prepare } from './lib/steps.mjs';

/** `npm start`: the whole stack on this machine until Ctrl-C; the same as `trainyard up`. */
main(async () => {
  await prepare();
  process.argv.splice(2, 0, 'up');
  await import('../apps/cli/bin/trainyard.js');
  return process.exitCode;
});
