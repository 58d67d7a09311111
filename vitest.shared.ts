import { randomInt } from 'node:crypto';
import path from 'node:path';
import { defineProject } from 'vitest/config';

/** Node 20 optimizes code that tests hardly use again: with more patience, only what they repeat (as `apps/cli/bin/ta.js`). */
const PATIENT = process.version.startsWith('v20.') ? ['--interrupt-budget=1000000'] : [];

/** Tests of one project alone, for `nx run NAME:test`. */
export function projectTests(name: string, root: string) {
  const { test, ...settings } = testSettings(root, ['']);
  return defineProject({ ...settings, test: { ...test, name } });
}

/**
 * Test settings of the specs in `src` and `test` of the folders below `root`: source imports, a zone far from UTC, long
 * enough for a database, a drawn seed.
 * @param folders globs that end with a slash
 */
export function testSettings(root: string, folders: readonly string[]) {
  const conditions = ['@ta/source'];
  return {
    root,
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      environment: 'node',
      isolate: false,
      execArgv: PATIENT,
      include: folders.flatMap((folder) => [`${folder}src/**/*.spec.ts`, `${folder}test/**/*.spec.ts`]),
      setupFiles: ['vitest.setup.ts', 'vitest.pglite.ts'].map((file) => path.join(import.meta.dirname, file)),
      env: { TZ: 'America/Los_Angeles', TA_SEED: drawnSeed() },
      testTimeout: 120_000,
      // what `expect.poll` waits for comes late on a busy machine; its default is a second
      expect: { poll: { timeout: 60_000 } },
      hookTimeout: 120_000,
    },
  };
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
