import { constants, cpSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase, type Database } from '@ta/state-store';
import { saveAsFolder } from '../../../../../libs/pipeline/test/pglite-copies.ts';
import { createTestDatabase } from '../../../../../libs/pipeline/test/test-database.ts';
import type { Arena, Place } from './arena.ts';
import { refreshInside } from './refresh-inside.ts';
import { prepareScenario, prepareSource, SMALL_WORLD, type Scenario, type World } from './small-world.ts';
import { runUndisturbed } from './undisturbed.ts';

/** A place in a folder. */
export interface PglitePlace extends Place {
  /** Data folder of the embedded database. */
  readonly dir: string;
}

/** An arena of embedded databases on disk; its places are copies of a folder. */
export interface PgliteArena extends Arena {
  /** Folder that everything is in; removed at the end. */
  readonly root: string;
  place(scenario: Scenario): Promise<PglitePlace>;
}

/** Prepares the scenarios in a temporary folder and runs each once in peace. */
export async function pgliteArena(scenarios: readonly Scenario[], world: World = SMALL_WORLD): Promise<PgliteArena> {
  const root = await mkdtemp(path.join(tmpdir(), 'ta-resilience-'));
  const template = (scenario: Scenario) => path.join(root, `template-${scenario}`);
  let places = 0;

  for (const scenario of scenarios) {
    const { database, drop } = await createTestDatabase('pglite');
    await prepareSource(database, world);
    await prepareScenario(database, scenario, () => refreshInside(database));
    await saveAsFolder(database, template(scenario));
    await drop();
  }
  const place = async (scenario: Scenario): Promise<PglitePlace> => {
    const folder = path.join(root, `place-${++places}`);
    const dir = path.join(folder, 'pg');
    copyFolder(template(scenario), dir);
    return {
      dir,
      env: { DB_DIR: dir },
      args: ['--log-dir', path.join(folder, 'logs')],
      inspect: (look) => inFolder(dir, (database) => database.session(look)),
      async inspectAsLeft(look) {
        const copy = path.join(folder, 'copy');
        copyFolder(dir, copy);
        try {
          return await inFolder(copy, (database) => database.session(look));
        } finally {
          await rm(copy, { recursive: true });
        }
      },
      drop: () => rm(folder, { recursive: true, force: true }),
    };
  };
  const { content, planted, busySeconds, commits } = await runUndisturbed(scenarios, place);
  const close = () => rm(root, { recursive: true, force: true });
  return { engine: 'pglite', root, undisturbed: content, planted, busySeconds, commits, place, close };
}

/** Copies the folder of a database; a thousand small files take a fifth of the time when nobody else is served meanwhile. */
export function copyFolder(from: string, to: string): void {
  cpSync(from, to, { recursive: true, mode: constants.COPYFILE_FICLONE });
}

/** Opens the database of a folder for the time of a function. */
export async function inFolder<T>(dir: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase({ engine: 'pglite', dir, source: 'resilience test' });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
