import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { migrate } from '../../src/migrate.ts';
import { emptyAgain, migrateAsEarlier } from './earlier-version.ts';
import type { TestDatabase, TestEngine } from './test-engines.ts';

/** Daily bars of a version that did not store their civil day. */
export function civilDayMigrationContract(engine: TestEngine): void {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await engine.create();
  });
  afterAll(() => test.drop());
  beforeEach(async () => {
    await emptyAgain(test.database);
    await migrateAsEarlier(test.database);
  });

  it('get the day of UTC, and are to be built again in every zone: earlier rules decided repairs and the row of a day', async () => {
    await test.database.session(async (session) => {
      for (const [id, zone] of [
        [1, 'UTC'],
        [2, 'America/New_York'],
        [3, 'CET'],
      ] as const) {
        await session.run(`INSERT INTO cmc_price_bars_1d (id, "timestamp", bar_seq, time_open, time_close, time_high, time_low, open, high, low, close, is_missing_days)
          SELECT ${id}, ts::timestamptz, seq, now(), now(), now(), now(), 1, 2, 1, 2, false
          FROM (VALUES ('2024-03-09 23:59:59.999999Z', 1), ('2024-03-10 00:00Z', 2), ('0001-01-01 12:00Z', 3)) v(ts, seq)`);
        await session.run('INSERT INTO cmc_price_bars_1d_state (id, tz) VALUES ($1, $2)', [id, zone]);
      }
    });
    expect((await migrate(test.database)).applied).toContain('0006_civil_day');

    const rows = (sql: string) => test.database.session((session) => session.query(sql));
    const days = `SELECT DISTINCT bar_seq AS seq, day, extract(epoch FROM day_from) AS "from", extract(epoch FROM day_until) AS until
      FROM cmc_price_bars_1d ORDER BY bar_seq`;
    const at = (date: string) => Date.parse(date) / 1000;
    expect(await rows(days)).toStrictEqual([
      { seq: 1, day: '2024-03-09', from: at('2024-03-09'), until: at('2024-03-10') },
      { seq: 2, day: '2024-03-10', from: at('2024-03-10'), until: at('2024-03-11') },
      { seq: 3, day: '0001-01-01', from: at('0001-01-01'), until: at('0001-01-02') },
    ]);
    expect(await rows('SELECT id, day_rules FROM cmc_price_bars_1d_state ORDER BY id')).toStrictEqual([
      { id: 1, day_rules: null },
      { id: 2, day_rules: null },
      { id: 3, day_rules: null },
    ]);
  });

  it('have rows read again that were refused for their opening or closing instant', async () => {
    await test.database.session((session) =>
      session.run(`INSERT INTO cmc_price_bars_1d_rejects (id, "timestamp", reason) VALUES
        (1, '2024-03-09Z', 'null_open_close'), (2, '2024-03-08Z', 'null_open_close'),
        (2, '2024-03-09Z', 'null_time_open_time_close'), (2, '2024-03-11Z', 'null_time_open_time_close')`),
    );
    await migrate(test.database);
    const logged = await test.database.session((session) =>
      session.query('SELECT id, first_ts, last_ts, rows FROM cmc_price_histories7_changes'),
    );
    expect(logged).toStrictEqual([
      { id: 2, first_ts: new Date('2024-03-09Z'), last_ts: new Date('2024-03-11Z'), rows: 2 },
    ]);
  });
}
