import { describe, expect, it } from 'vitest';
import type { Edit } from './history/edit.ts';
import type { History } from './history/play-history.ts';
import type { PriceRow } from './history/price-row.ts';
import type { Run } from './history/run.ts';
import { stagesForTests } from './history/stage.ts';
import { hasPostgres } from './test-database.ts';

const FULL: Run = { run: 'full', concurrency: 1, lookbackDays: 3 };
const ROW: PriceRow = { afterDays: 1, closesAt: 'end', shape: 'plain', open: 70, close: 72, reach: 1 };
const REJECT: PriceRow = { ...ROW, shape: 'no_open' };

/** Only the daily bars, so that everything else is behind them. */
const ONLY_DAILY: Run = { run: 'partial', builders: ['1d'], refreshers: [], assets: [0], zone: null };
const UNHEEDED: Run = { run: 'cautious', onBackfill: 'fail' };

const append = (...rows: PriceRow[]): Edit => ({ edit: 'append', asset: 0, rows });
const days = (count: number): Edit =>
  append(...Array.from({ length: count }, (_, i) => ({ ...ROW, close: 60 + (i % 13) })));
const deleteAt = (at: number, rows = 1): Edit => ({ edit: 'delete', asset: 0, at, rows });
const deleteLast = deleteAt(999);
const correct = (at: number, rows: number, set: string): Edit => ({ edit: 'correct', asset: 0, at, rows, set });
const forget = (table: string): Edit => ({ edit: 'forget', asset: 0, table });

/** Histories after which something was once not what a full build makes, or easily could be; in their smallest form. */
const DEFECTS: Readonly<Record<string, History>> = {
  'the latest canonical instant goes back with the rows that are deleted': [
    { edits: [append(ROW, ROW)], run: FULL },
    { edits: [deleteLast], run: FULL },
  ],
  'an asset whose rows are all gone leaves no EMA watermark': [
    { edits: [days(3)], run: FULL },
    { edits: [deleteAt(0, 1000)], run: FULL },
  ],
  'an asset that never had a bar and lost its rejects leaves no EMA watermark': [
    { edits: [append(REJECT)], run: FULL },
    { edits: [deleteLast], run: FULL },
  ],
  'a first row that is a reject counts as the oldest row wherever it moves': [
    { edits: [append(REJECT, ROW, ROW)], run: FULL },
    { edits: [{ edit: 'move_time', asset: 0, at: 0, minutes: -400 }], run: FULL },
  ],
  'the newest load time goes back with the row that had it, also when that is a reject': [
    { edits: [append(ROW, ROW)], run: FULL },
    { edits: [append(REJECT)], run: FULL },
    { edits: [deleteLast], run: FULL },
  ],
  'bars whose state was deleted are built again in the place of the stored ones': [
    { edits: [days(9)], run: FULL },
    { edits: [forget('cmc_price_bars_multi_tf_state'), forget('cmc_price_bars_multi_tf_cal_us_state')], run: FULL },
  ],
  'EMAs whose state was deleted are built again in the place of the stored ones': [
    { edits: [days(9)], run: FULL },
    { edits: [forget('cmc_ema_state')], run: FULL },
  ],
  'rows without a state go when their source goes': [
    { edits: [days(9)], run: FULL },
    {
      edits: [
        ...['cmc_price_bars_1d_state', 'cmc_price_bars_multi_tf_cal_anchor_iso_state', 'cmc_ema_state'].map(forget),
        deleteAt(0, 1000),
      ],
      run: FULL,
    },
  ],
  'a change that came and went while bars and EMAs were behind does not leave them behind': [
    { edits: [days(9)], run: FULL },
    { edits: [days(2)], run: ONLY_DAILY },
    { edits: [deleteLast, deleteLast], run: FULL },
  ],
  'a value that was no number leaves no reject once the price is corrected': [
    { edits: [days(9)], run: FULL },
    { edits: [days(6), correct(700, 4, 'open = 1.7e308, high = 1.7e308, close = 1.7e308')], run: UNHEEDED },
    { edits: [correct(700, 4, 'open = 10, high = 12, low = 9, close = 11')], run: FULL },
  ],
  'rejects between the newest bar and the rows that are read again do not count as rows up to that bar': [
    { edits: [days(9), append(REJECT, REJECT, REJECT, REJECT, REJECT, REJECT, ROW)], run: FULL },
    { edits: [deleteLast], run: FULL },
  ],
  'EMAs until a day do not pass over the newest row, which was deleted and comes back': [
    { edits: [days(9)], run: FULL },
    { edits: [deleteLast], run: { run: 'days', lastDay: '2023-12-20', fullRebuild: false } },
    { edits: [append(ROW)], run: FULL },
    { edits: [append(ROW)], run: FULL },
  ],
  'rows a microsecond apart, at both sides of midnight, are two days': [
    { edits: [append({ ...ROW, closesAt: 'last_microsecond' })], run: FULL },
    { edits: [append({ ...ROW, afterDays: 0, closesAt: 'next_midnight' })], run: FULL },
    { edits: [append({ ...ROW, afterDays: 1, closesAt: 'end' })], run: FULL },
  ],
};

describe('histories that go wrong easily', () => {
  const stages = stagesForTests(1, { engine: hasPostgres() ? 'postgres' : 'pglite' });

  it.each(Object.keys(DEFECTS))('%s', async (title) => {
    await expect(stages[0]?.play(DEFECTS[title] as History)).resolves.toBeUndefined();
  });
});
