import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../src/connect/database.ts';
import { openDatabase } from '../src/connect/open-database.ts';

describe('PGlite at long work', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openDatabase({ engine: 'pglite', dir: null, source: 'test' });
  });
  afterAll(() => database.close());

  /** Turns of the event loop that others have while the work is done. */
  async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await work();
    clearInterval(timer);
    return turns;
  }

  const busy = (ms: number) => {
    const untilMs = performance.now() + ms;
    while (performance.now() < untilMs);
  };

  it('lets signals and timers in between statements', async () => {
    const turns = await turnsDuring(() =>
      database.transaction(async (tx) => {
        for (let i = 0; i < 30; i++) {
          busy(30);
          await tx.query('SELECT 1');
        }
      }),
    );
    expect(turns).toBeGreaterThan(0);
  });

  it('lets them in while rows are made for a COPY', async () => {
    await database.session((session) => session.run('CREATE TABLE copied (v int)'));
    const rows = function* () {
      for (let i = 0; i < 30; i++) {
        busy(30);
        yield Uint8Array.of(0, 1, 0, 0, 0, 4, 0, 0, 0, i);
      }
    };
    const sql = 'COPY copied (v) FROM STDIN WITH (FORMAT binary)';
    const turns = await turnsDuring(() => database.transaction((tx) => tx.copyIn(sql, rows())));
    expect(turns).toBeGreaterThan(0);
    expect(await database.session((session) => session.query('SELECT sum(v) AS n FROM copied'))).toEqual([{ n: 435 }]);
  });
});
