import { TIMEFRAME_CATALOGUE } from '@ta/bars-core/engine';
import { expect, it } from 'vitest';
import type { Database } from '../../src/connect/database.ts';
import { saveSettings } from '../../src/ops/settings.ts';
import { readPeriods, readPeriodsInForce, readTimeframes } from '../../src/read/dimensions.ts';
import { mergeDimensions, seedDimensions, type DimensionSeeds } from '../../src/seed.ts';
import { storeErrorOf } from './store-error.ts';

const PERIODS = [6, 9, 252];

const SEEDS: DimensionSeeds = {
  timeframes: TIMEFRAME_CATALOGUE,
  periods: PERIODS,
  alphas: TIMEFRAME_CATALOGUE.flatMap(({ tf, tfDaysNominal }) =>
    PERIODS.map((period, i) => ({
      tf,
      period,
      tfDaysNominal,
      alphaEmaDailyspace: 2 / (period * tfDaysNominal + 1),
      alphaBar: 2 / (period + 1),
      alphaBarPreviewDaily: -Math.expm1(Math.log1p(-2 / (period + 1)) / tfDaysNominal),
      displayOrder: i,
    })),
  ),
};

/** Seeding and reading the dimension tables. */
export function dimensionsContract(database: () => Database): void {
  it('seeding writes the catalogue, and seeding again changes nothing', async () => {
    const timeframes = TIMEFRAME_CATALOGUE.length;
    expect(await seedDimensions(database(), SEEDS)).toStrictEqual({
      timeframes: { inserted: timeframes, updated: 0 },
      periods: { inserted: 3, updated: 0 },
      alphas: { inserted: timeframes * 3, updated: 0 },
    });
    const nothing = { inserted: 0, updated: 0 };
    expect(await seedDimensions(database(), SEEDS)).toStrictEqual({
      timeframes: nothing,
      periods: nothing,
      alphas: nothing,
    });
  });

  it('timeframes come back as the catalogue has them, by sort order', async () => {
    const rows = await database().session((s) => readTimeframes(s));
    const expected = [...TIMEFRAME_CATALOGUE].sort((a, b) => a.sortOrder - b.sortOrder || (a.tf < b.tf ? -1 : 1));
    expect(rows).toStrictEqual(expected.map((row) => ({ ...row })));
  });

  it('periods in force are those of the settings, else those of the alpha table', async () => {
    const origin = { runId: 'run', setAt: new Date() };
    const inForce = () => database().session((s) => readPeriodsInForce(s));
    expect(await inForce()).toStrictEqual(PERIODS);
    for (const [periods, expected] of [
      [
        [7, 9, 100],
        [7, 9, 100],
      ],
      ['lut', PERIODS],
    ] as const) {
      await database().transaction((tx) => saveSettings(tx, { periods }, origin));
      expect(await inForce()).toStrictEqual(expected);
    }
    for (const periods of [[], 5, [21, 9], [9, 9], [0], ['9'], [1.5]]) {
      await database().transaction((tx) => saveSettings(tx, { periods }, origin));
      const error = await storeErrorOf(() => inForce());
      expect([error.code, error.message]).toStrictEqual([
        'STORE_CONFIG',
        expect.stringContaining(`periods is ${JSON.stringify(periods)}, not "lut" or a list`),
      ]);
    }
    await database().session((s) => s.run(`DELETE FROM ops_settings WHERE name = 'periods'`));
  });

  it('periods are those of the alpha table, and alphas are exact', async () => {
    expect(await database().session((s) => readPeriods(s))).toStrictEqual(PERIODS);
    const rows = await database().session((s) =>
      s.query<{ tf: string; period: number; a: number; b: number; c: number }>(
        `SELECT tf, period, alpha_ema_dailyspace a, alpha_bar b, alpha_bar_preview_daily c FROM ema_alpha_lookup`,
      ),
    );
    const stored = new Map(rows.map((row) => [`${row.tf}/${row.period}`, [row.a, row.b, row.c]]));
    for (const row of SEEDS.alphas) {
      const expected = [row.alphaEmaDailyspace, row.alphaBar, row.alphaBarPreviewDaily];
      expect(stored.get(`${row.tf}/${row.period}`)).toStrictEqual(expected);
    }
  });

  it('an operator’s choice of canonical timeframes and rows of his own survive; other edits are put right', async () => {
    await database().session((s) =>
      s.run(`UPDATE dim_timeframe SET is_canonical = NOT is_canonical, label = 'mine' WHERE tf = '7D';
        INSERT INTO dim_timeframe (tf, label, base_unit, tf_qty, tf_days_nominal, alignment_type, roll_policy, sort_order)
        VALUES ('11D', '11 days', 'D', 11, 11, 'tf_day', 'multiple_of_tf', 999)`),
    );
    expect((await seedDimensions(database(), SEEDS)).timeframes).toStrictEqual({ inserted: 0, updated: 1 });
    const rows = await database().session((s) => readTimeframes(s));
    const seeded = TIMEFRAME_CATALOGUE.find(({ tf }) => tf === '7D');
    expect(rows.find(({ tf }) => tf === '7D')).toStrictEqual({ ...seeded, isCanonical: !seeded?.isCanonical });
    expect(rows.at(-1)?.tf ?? '').not.toBe('');
    expect(rows.some(({ tf }) => tf === '11D')).toBe(true);
    await database().session((s) => s.run(`DELETE FROM dim_timeframe WHERE tf = '11D'`));
  });

  it('periods that an operator removed stay away, since runs would compute them again; their order is his', async () => {
    const removed = database().transaction(async (tx) => {
      await tx.run(`DELETE FROM dim_period WHERE period = 9; DELETE FROM ema_alpha_lookup WHERE period = 9;
        UPDATE ema_alpha_lookup SET display_order = 7 WHERE period = 252; DELETE FROM ema_alpha_lookup WHERE tf = '7D'`);
      const timeframes = TIMEFRAME_CATALOGUE.length;
      const counts = await mergeDimensions(tx, SEEDS);
      expect(counts).toMatchObject({ periods: { inserted: 0, updated: 0 }, alphas: { inserted: 2, updated: 0 } });
      expect(await readPeriods(tx)).toStrictEqual([6, 252]);
      expect(
        await tx.query(`SELECT count(*)::int AS n FROM ema_alpha_lookup WHERE display_order = 7 AND period = 252`),
      ).toStrictEqual([{ n: timeframes - 1 }]);
      throw new Error('rolled back');
    });
    await expect(removed).rejects.toThrow('rolled back');
  });

  it('the spans of every timeframe and period are a view', async () => {
    const rows = await database().session((s) =>
      s.query(`SELECT span_days FROM dim_timeframe_period WHERE tf = '7D' AND period = 9`),
    );
    expect(rows).toStrictEqual([{ span_days: 63 }]);
  });

  const BAD_ROWS: readonly (readonly [why: string, changes: string])[] = [
    ['a day label with letters', `tf = 'xD'`],
    ['a quantity of 0', 'tf_qty = 0'],
    ['a day timeframe with an anchor', `calendar_anchor = 'EOM'`],
    ['a day timeframe with a scheme', `calendar_scheme = 'ISO'`],
    ['an unknown unit', `base_unit = 'H'`],
    ['a roll policy of the other kind', `roll_policy = 'calendar_anchor'`],
    ['a minimum above the maximum', 'tf_days_min = 9, tf_days_max = 8'],
    ['one partial flag only', 'allow_partial_start = true'],
    ['the shape of another row', `tf_days_nominal = 14`],
  ];
  for (const [why, changes] of BAD_ROWS) {
    it(`dim_timeframe refuses ${why}`, async () => {
      const error = await storeErrorOf(() =>
        database().session((s) => s.run(`UPDATE dim_timeframe SET ${changes} WHERE tf = '7D'`)),
      );
      expect(error.code).toBe('STORE_CONSTRAINT');
    });
  }
}
