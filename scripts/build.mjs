import { main, prepare } from './lib/steps.mjs';

/** `npm run build`: installs what is missing, generates, compiles. */
main(prepare);
