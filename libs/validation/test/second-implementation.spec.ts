import { changedBars } from '../../pipeline/test/bar-edits.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCivilDay } from '@ta/bars-core/engine';
import { saveHolidays, saveTrading, type Database } from '@ta/state-store';
import { changedEmas, changedFlags } from '../../pipeline/test/ema-edits.ts';
import { validate, verdictOn } from './fixtures/planted.ts';
import { IDS, refreshAll, refreshedDatabase } from './fixtures/refreshed-database.ts';

/** More than there are series: the sample is everything. */
const EVERY_SERIES = { profile: 'paranoid', sampleSize: 100_000 } as const;

const DAY = '2024-06-12 23:59:59.999Z';

let database: Database;
beforeAll(async () => {
  database = await refreshedDatabase();
});
afterAll(() => database.close());

describe('the second implementation, in plain SQL', () => {
  it('agrees with the cores on every series of bars and EMAs', async () => {
    const { findings } = await validate(database, { ...EVERY_SERIES, checks: ['B16', 'E07'] });
    expect(findings).toStrictEqual([]);
  });

  it.each(['calendar', 'market'] as const)(
    'agrees with the cores on an asset that trades on weekdays but one, with the close rule %s',
    async (closeRule) => {
      const [id] = IDS;
      const weekdays = await refreshedDatabase(undefined, { ids: [id], days: 60 });
      try {
        await weekdays.transaction(async (tx) => {
          await saveHolidays(
            tx,
            'XTST',
            [{ day: parseCivilDay('2024-05-31'), name: 'a Friday, the last day of a month' }],
            true,
          );
          await saveTrading(tx, id, { closeRule, tradingWeekdays: 'Mon-Fri', holidayCalendar: 'XTST' });
          await tx.run(
            `DELETE FROM cmc_price_histories7 WHERE extract(isodow FROM "timestamp") > 5 OR "timestamp"::date = '2024-05-31'`,
          );
        });
        await refreshAll(weekdays, [id]);
        const { findings } = await validate(weekdays, { ...EVERY_SERIES, checks: ['B16', 'E07'] });
        expect(findings).toStrictEqual([]);
      } finally {
        await weekdays.close();
      }
    },
  );

  /** Which tables the computation in SQL finds changed, of those that have a timeframe or 2D. */
  const changed = async (statement: string, check: string, tf: string): Promise<string[]> => {
    const { findings } = await verdictOn(
      database,
      async (tx) => {
        expect(await tx.run(statement)).toBeGreaterThan(0);
      },
      { ...EVERY_SERIES, ids: [900_001], checks: [check], tfs: [tf, '2D'] },
    );
    return [...new Set(findings.filter(({ detail }) => detail['method'] === 'sql').map(({ table }) => table))];
  };

  it.each([
    ['cmc_price_bars_multi_tf', '7D', `close = close * 1.0001`],
    ['cmc_price_bars_multi_tf_cal_iso', '1M_CAL', `low_age = NULL, time_low = r.time_close - interval '77 minutes'`],
    ['cmc_price_bars_multi_tf_cal_anchor_us', '1W_CAL_ANCHOR_US', `count_missing_days_interior = 3`],
  ])('sees a value changed in %s by itself', async (table, tf, change) => {
    const statement = changedBars({ table, id: 900_001, tf, where: `r.time_close = '${DAY}'` }, change);
    expect(await changed(statement, 'B16', tf)).toStrictEqual([table]);
  });

  it.each(['cmc_ema_multi_tf', 'cmc_ema_multi_tf_v2'])('sees an EMA changed in %s by itself', async (table) => {
    const places = { table, id: 900_001, tf: '7D', period: 3, ts: `= '${DAY}'` };
    expect(
      await changed(
        changedEmas(places, 'ema', (ema) => `${ema} * 1.0001`),
        'E07',
        '7D',
      ),
    ).toStrictEqual([table]);
  });

  it('sees an EMA of bars and a flag changed by itself', async () => {
    const bar = { table: 'cmc_ema_multi_tf_cal_us', id: 900_001, tf: '1W_CAL_US', period: 3, ts: `= '${DAY}'` };
    expect(
      await changed(
        changedEmas(bar, 'ema_bar', (value) => `${value} * 1.0001`),
        'E07',
        bar.tf,
      ),
    ).toStrictEqual([bar.table]);
    const day = { table: 'cmc_ema_multi_tf_cal_anchor_iso', id: 900_001, tf: '1M_CAL_ANCHOR', ts: `= '${DAY}'` };
    expect(await changed(changedFlags(day, 'roll = NOT roll'), 'E07', day.tf)).toStrictEqual([day.table]);
  });
});
