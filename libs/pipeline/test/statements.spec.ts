import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyEdit } from './history/apply-edit.ts';
import type { Edit } from './history/edit.ts';
import { performRun } from './history/perform-run.ts';
import { plainDays } from './history/plain-days.ts';
import { interceptedDatabase } from './intercepted-database.ts';
import { createTestDatabase, hasPostgres, SMALL_CATALOGUE, useCatalogue, type TestDatabase } from './test-database.ts';

const WORLDS = [
  { ids: [1], series: [], zone: 'UTC' },
  { ids: [1, 2], series: [], zone: 'UTC' },
];
const [ONE, BOTH] = WORLDS;
const PLAIN = { run: 'full', concurrency: 1, lookbackDays: 3 } as const;
const ENGINE = hasPostgres() ? 'postgres' : 'pglite';
/** The oldest and newest daily bar of an id: one entry of the key's index each, however long the history. */
const ENDS_OF_BARS = /\(SELECT (?:min|max)\(b\."timestamp"\) FROM cmc_price_bars_1d b WHERE b\.id = s\.id\)/g;
/** Whether a statement reads a table that grows with history; state and the log of changes do not. */
const readsHistory = (sql: string) =>
  [...sql.replaceAll(ENDS_OF_BARS, '').matchAll(/(?:FROM|JOIN) (?:public\.)?(\w+)/g)].some(
    ([, table]) => /^cmc_/.test(table as string) && !/_(state|changes|revisions)$/.test(table as string),
  );

/** What a run costs, in counts that do not depend on the machine. */
describe(`statements that a run sends, on ${ENGINE}`, () => {
  let test: TestDatabase;

  beforeAll(async () => {
    test = await createTestDatabase(ENGINE);
    await useCatalogue(test.database, SMALL_CATALOGUE);
    await edit(plainDays(0, 40), plainDays(1, 40));
    await run(BOTH);
  });
  afterAll(() => test.drop());

  const edit = async (...edits: readonly Edit[]) => {
    for (const change of edits) await test.database.transaction((tx) => applyEdit(tx, BOTH, change));
  };
  const run = async (world: (typeof WORLDS)[number]) => {
    const sent: string[] = [];
    const database = interceptedDatabase(test.database, { before: async (_, __, sql) => void sent.push(sql) });
    await performRun(database, world, PLAIN, 'the run');
    return sent;
  };
  /** How often a run sends something to the server and waits for the answer. */
  const messagesOf = async (world: (typeof WORLDS)[number]) => {
    let count = 0;
    const listener = () => void count++;
    subscribe('ta.message', listener);
    try {
      await performRun(test.database, world, PLAIN, 'the run');
      return count;
    } finally {
      unsubscribe('ta.message', listener);
    }
  };

  it('without new data read state and the ends of the daily bars alone, and are as many for one asset as for two', async () => {
    const [one, both] = [await run(ONE), await run(BOTH)];
    expect(both.filter(readsHistory)).toEqual([]);
    expect(both.filter((sql) => /INSERT|UPDATE|DELETE|FROM STDIN/.test(sql))).toEqual([]);
    expect(both).toHaveLength(one.length);
    expect(one.length).toBeLessThanOrEqual(6);
  });

  it('for a corrected day read the stored bars of days and weeks up to the next one that begins after it', async () => {
    await edit({ edit: 'correct', asset: 0, at: 500, rows: 1, set: 'close = close + 1' });
    const read = (await run(BOTH)).flatMap((sql) => [
      ...sql.matchAll(/tf = ANY \('\{([^}]+)\}'::text\[\]\) AND time_close >= \S+ \S+ (AND time_close <)?/g),
    ]);
    const labels = (chosen: typeof read) => chosen.flatMap(([, tfs]) => (tfs as string).match(/\d+[DW]\w*/g) ?? []);
    expect(labels(read).sort()).toEqual(SMALL_CATALOGUE.timeframes.filter((tf) => /^(?!1D)\d[DW]/.test(tf)).sort());
    expect(labels(read.filter(([, , end]) => end === undefined))).toEqual([]);
  });

  it('for a new day are as many after a long history as after a short one, and at most 50 an asset', async () => {
    await edit(plainDays(0, 1));
    const short = await run(BOTH);
    await edit(plainDays(0, 60), plainDays(1, 60));
    await run(BOTH);
    await edit(plainDays(0, 1));
    const long = await run(BOTH);
    expect(long).toHaveLength(short.length);
    await edit(plainDays(0, 1), plainDays(1, 1));
    const both = await run(BOTH);
    expect(both.length - long.length).toBeLessThanOrEqual(50);
    expect(both.length).toBeGreaterThan(long.length);
  });

  it.runIf(ENGINE === 'postgres')(
    'travel in few messages: at most 11 an asset with a new day, and 5 without',
    async () => {
      expect(await messagesOf(BOTH)).toBeLessThanOrEqual(5);
      await edit(plainDays(0, 1));
      const one = await messagesOf(BOTH);
      await edit(plainDays(0, 1), plainDays(1, 1));
      const both = await messagesOf(BOTH);
      expect(both).toBeGreaterThan(one);
      expect(both - one).toBeLessThanOrEqual(11);
    },
  );
});
