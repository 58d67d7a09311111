import { isFirstOfTwo, isPriced, lacksVolumeOrCap, positionsOf, type GoldenSource } from '../golden-source.ts';
import { DAILY_TABLE, REJECTS_TABLE } from '../golden-tables.ts';
import type { Row } from '../rows.ts';
import type { Departure } from './departure.ts';

const STATE_TABLE = `${DAILY_TABLE}_state`;

/** Departures of the 1D bars, their rejects and their state. */
export function dailyDepartures(source: GoldenSource): Departure[] {
  const assetOf = (row: Row) => source.get(row.number('id'));
  const isSuperseded = (row: Row) => {
    const rows = assetOf(row)?.rows;
    return rows !== undefined && isFirstOfTwo(rows, rows.ts.indexOf(row.number('timestamp')));
  };
  return [
    {
      kind: 'cell',
      name: 'R3 1D gap flag',
      rule: 'docs/bars.md#daily-bars',
      why: 'is_missing_days is false in every row of the reference; ours is true on the first bar after missing civil days.',
      tables: [DAILY_TABLE],
      columns: ['is_missing_days'],
      predict: () => ({ is_missing_days: 0 }),
    },
    {
      kind: 'cell',
      name: 'R16 price of a misplaced extreme',
      rule: 'docs/bars.md#daily-bars',
      why: 'Where the instant of a high or low is null or outside of its day, the reference replaces the price as well; ours keeps it.',
      tables: [DAILY_TABLE],
      columns: ['high', 'low'],
      predict(ours) {
        const asset = assetOf(ours);
        const row = asset?.rows.ts.indexOf(ours.number('timestamp')) ?? -1;
        if (asset === undefined || row < 0 || !isPriced(asset.rows, row)) return null;
        const { open, close, high, low, timeHigh, timeLow } = asset.rows;
        const isPlaced = (instant: number) => instant >= asset.timeOpen[row] && instant <= asset.timeClose[row];
        if (isPlaced(timeHigh[row]) && isPlaced(timeLow[row])) return null;
        return {
          high: isPlaced(timeHigh[row]) ? high[row] : Math.max(open[row], close[row]),
          low: isPlaced(timeLow[row]) ? low[row] : Math.min(open[row], close[row]),
        };
      },
    },
    {
      kind: 'row',
      name: 'R17 first row of a day',
      rule: 'docs/bars.md#source-rows',
      why: 'The reference takes both rows of one civil day; ours takes the later one.',
      tables: [DAILY_TABLE],
      side: 'reference',
      applies: isSuperseded,
    },
    {
      kind: 'row',
      name: 'R17 first row rejected',
      rule: 'docs/bars.md#source-rows',
      why: 'Ours rejects the earlier row of a civil day as superseded_by_later_row; the reference has no such reason.',
      tables: [REJECTS_TABLE],
      side: 'ours',
      applies: (row) => row.text('reason') === 'superseded_by_later_row' && isSuperseded(row),
    },
    {
      kind: 'row',
      name: 'D15 null volume or cap',
      rule: 'docs/bars.md#daily-bars',
      why: 'The reference drops rows without volume or market cap without logging them; ours accepts them.',
      tables: [DAILY_TABLE],
      side: 'ours',
      applies: (row) => Number.isNaN(row.number('volume')) || Number.isNaN(row.number('market_cap')),
    },
    {
      kind: 'cell',
      name: 'D15 counts',
      rule: 'docs/bars.md#daily-bars',
      why: 'Our count of rows written includes the rows of D15.',
      tables: [STATE_TABLE],
      columns: ['last_upserted'],
      predict: (ours) => ({
        last_upserted: ours.number('last_upserted') - countRows(source, ours, lacksVolumeOrCap),
      }),
    },
    {
      kind: 'cell',
      name: 'R17 counts',
      rule: 'docs/bars.md#source-rows',
      why: 'Ours counts the rows of R17 as rejects and not as rows written.',
      tables: [STATE_TABLE],
      columns: ['last_upserted', 'last_rejected'],
      predict(ours) {
        const superseded = countRows(source, ours, isFirstOfTwo);
        return {
          last_upserted: ours.number('last_upserted') + superseded,
          last_rejected: ours.number('last_rejected') - superseded,
        };
      },
    },
  ];
}

function countRows(source: GoldenSource, ours: Row, test: typeof isFirstOfTwo): number {
  const rows = source.get(ours.number('id'))?.rows;
  return rows === undefined ? 0 : positionsOf(rows).filter((row) => test(rows, row)).length;
}
