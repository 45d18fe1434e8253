import path from 'node:path';
import { root } from './lib/shell.mjs';
import { main, prepare } from './lib/steps.mjs';
import { packTarball } from './lib/tarball.mjs';

/**
 * `npm run pack`: the tarballs of the command line and of the client, in `packed/`. Each can be installed alone:
 * `npm install <tarball>`.
 */
main(async () => {
  await prepare();
  for (const name of ['@trainyard/cli', '@trainyard/client']) console.log(path.relative(root, await packTarball(name)));
});
