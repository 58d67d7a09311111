import { randomInt } from 'node:crypto';
import path from 'node:path';
import { defineProject } from 'vitest/config';

/**
 * Test settings shared by every project: source imports, a zone far from UTC, long enough for a database, a drawn seed.
 * @param options `hasDatabases` where specs open embedded databases
 */
export function projectTests(name: string, root: string, { hasDatabases = false } = {}) {
  const conditions = ['@ta/source'];
  const setups = ['vitest.setup.ts', ...(hasDatabases ? ['vitest.pglite.ts'] : [])];
  return defineProject({
    root,
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      name,
      environment: 'node',
      isolate: false,
      include: ['src/**/*.spec.ts', 'test/**/*.spec.ts'],
      setupFiles: setups.map((file) => path.join(import.meta.dirname, file)),
      env: { TZ: 'America/Los_Angeles', TA_SEED: drawnSeed() },
      testTimeout: 120_000,
      hookTimeout: 120_000,
    },
  });
}

/** The seed of everything that tests draw: that of TA_SEED, else a new one, which is printed so that it can be repeated. */
function drawnSeed(): string {
  const given = process.env['TA_SEED'] ?? '';
  if (given !== '') {
    if (!/^-?\d{1,10}$/.test(given)) throw new Error(`TA_SEED is ${JSON.stringify(given)}: a whole number is wanted.`);
    return given;
  }
  const drawn = String(randomInt(2 ** 31));
  process.stdout.write(`Seed of the property tests: ${drawn} (TA_SEED=${drawn} repeats them)\n`);
  return (process.env['TA_SEED'] = drawn);
}
