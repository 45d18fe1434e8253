import { nativeAvailability } from '../src/index.js';

/**
 * Reports, once a run, that the tests of the native executor cannot run; under TRAINYARD_REQUIRE_NATIVE=1, which CI and
 * `npm test` set, that is an error.
 */
export default function setup(): void {
  for (const device of ['cpu', process.env.TRAINYARD_TEST_DEVICE ?? 'cpu']) {
    const availability = nativeAvailability(device);
    if (availability.available) continue;
    if (process.env.TRAINYARD_REQUIRE_NATIVE === '1')
      throw new Error(`TRAINYARD_REQUIRE_NATIVE=1, but there is no executor on ${device}: ${availability.reason}`);
    console.warn(`\n*** Tests of the native executor on ${device} are SKIPPED: ${availability.reason} ***\n`);
    return;
  }
}
