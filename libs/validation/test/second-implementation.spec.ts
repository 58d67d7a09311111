import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '@ta/state-store';
import { changedEmas, changedFlags } from '../../pipeline/test/ema-edits.ts';
import { validate, verdictOn } from './fixtures/planted.ts';
import { refreshedDatabase } from './fixtures/refreshed-database.ts';

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

  /** Which tables the computation in SQL finds changed. */
  const changed = async (statement: string, check: string): Promise<string[]> => {
    const { findings } = await verdictOn(
      database,
      async (tx) => {
        expect(await tx.run(statement)).toBeGreaterThan(0);
      },
      { ...EVERY_SERIES, ids: [900_001], checks: [check] },
    );
    return [...new Set(findings.filter(({ detail }) => detail['method'] === 'sql').map(({ table }) => table))];
  };

  it.each([
    ['cmc_price_bars_multi_tf', 'B16', `close = close * 1.0001`, `tf = '7D' AND time_close`],
    [
      'cmc_price_bars_multi_tf_cal_iso',
      'B16',
      `time_low = time_low + interval '1 hour'`,
      `tf = '1M_CAL' AND time_close`,
    ],
    [
      'cmc_price_bars_multi_tf_cal_anchor_us',
      'B16',
      `count_missing_days = 3`,
      `tf = '1W_CAL_ANCHOR_US' AND time_close`,
    ],
  ])('sees a value changed in %s by itself', async (table, check, change, place) => {
    const statement = `UPDATE ${table} SET ${change} WHERE id = 900001 AND ${place} = '${DAY}'`;
    expect(await changed(statement, check)).toStrictEqual([table]);
  });

  it.each(['cmc_ema_multi_tf', 'cmc_ema_multi_tf_v2'])('sees an EMA changed in %s by itself', async (table) => {
    const places = { table, id: 900_001, tf: '7D', period: 3, ts: `= '${DAY}'` };
    expect(
      await changed(
        changedEmas(places, 'ema', (ema) => `${ema} * 1.0001`),
        'E07',
      ),
    ).toStrictEqual([table]);
  });

  it('sees an EMA of bars and a flag changed by itself', async () => {
    const bar = { table: 'cmc_ema_multi_tf_cal_us', id: 900_001, tf: '1W_CAL_US', period: 3, ts: `= '${DAY}'` };
    expect(
      await changed(
        changedEmas(bar, 'ema_bar', (value) => `${value} * 1.0001`),
        'E07',
      ),
    ).toStrictEqual([bar.table]);
    const day = { table: 'cmc_ema_multi_tf_cal_anchor_iso', id: 900_001, tf: '1M_CAL_ANCHOR', ts: `= '${DAY}'` };
    expect(await changed(changedFlags(day, 'roll = NOT roll'), 'E07')).toStrictEqual([day.table]);
  });
});
