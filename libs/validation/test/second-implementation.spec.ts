import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '@ta/state-store';
import { validate, verdictOn } from './fixtures/planted.ts';
import { refreshedDatabase } from './fixtures/refreshed-database.ts';

/** More than there are series: the sample is everything. */
const EVERY_SERIES = { profile: 'paranoid', sampleSize: 100_000 } as const;

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
    ['cmc_ema_multi_tf', 'E07', `ema = ema * 1.0001`, `tf = '7D' AND period = 3 AND ts`],
    ['cmc_ema_multi_tf_v2', 'E07', `d1_roll = d1_roll * 1.01`, `tf = '7D' AND period = 3 AND ts`],
    ['cmc_ema_multi_tf_cal_us', 'E07', `ema_bar = ema_bar * 1.0001`, `tf = '1W_CAL_US' AND period = 3 AND ts`],
    ['cmc_ema_multi_tf_cal_anchor_iso', 'E07', `roll = NOT roll`, `tf = '1M_CAL_ANCHOR' AND period = 3 AND ts`],
  ])('sees a value changed in %s by itself', async (table, check, change, place) => {
    const statement = `UPDATE ${table} SET ${change} WHERE id = 900001 AND ${place} = '2024-06-12 23:59:59.999Z'`;
    const { findings } = await verdictOn(
      database,
      async (tx) => {
        expect(await tx.run(statement)).toBe(1);
      },
      { ...EVERY_SERIES, ids: [900_001], checks: [check] },
    );
    expect(findings.filter(({ detail }) => detail['method'] === 'sql').map(({ table: where }) => where)).toStrictEqual([
      table,
    ]);
  });
});
