import { isSecondOfDay, lacksVolumeOrCap, positionsOf, type GoldenSource } from '../golden-source.ts';
import { DAILY_TABLE, REJECTS_TABLE } from '../golden-tables.ts';
import type { Row } from '../rows.ts';
import type { Departure } from './departure.ts';

const STATE_TABLE = `${DAILY_TABLE}_state`;

/** Departures of the 1D bars, their rejects and their state. */
export function dailyDepartures(source: GoldenSource): Departure[] {
  const assetOf = (row: Row) => source.get(row.number('id'));
  const isSecond = (row: Row) => {
    const rows = assetOf(row)?.rows;
    return rows !== undefined && isSecondOfDay(rows, rows.ts.indexOf(row.number('timestamp')));
  };
  return [
    {
      kind: 'cell',
      name: 'R3 1D gap flag',
      spec: 'spec README, ruling 3',
      why: 'is_missing_days is false in every row of the reference; ours is true on the first bar after missing civil days.',
      tables: [DAILY_TABLE],
      columns: ['is_missing_days'],
      predict: () => ({ is_missing_days: 0 }),
    },
    {
      kind: 'row',
      name: 'D2 second row of a day',
      spec: 'bars.md 6.1',
      why: 'The reference takes both rows of one civil day; ours keeps the earlier one.',
      tables: [DAILY_TABLE],
      side: 'reference',
      applies: isSecond,
    },
    {
      kind: 'row',
      name: 'D2 second row rejected',
      spec: 'bars.md 6.1',
      why: 'Ours rejects the later row of a civil day as duplicate_local_day; the reference has no such reason.',
      tables: [REJECTS_TABLE],
      side: 'ours',
      applies: (row) => row.text('reason') === 'duplicate_local_day' && isSecond(row),
    },
    {
      kind: 'row',
      name: 'D15 null volume or cap',
      spec: 'bars.md 6.1',
      why: 'The reference drops rows without volume or market cap, unlogged; ours accepts them.',
      tables: [DAILY_TABLE],
      side: 'ours',
      applies: (row) => Number.isNaN(row.number('volume')) || Number.isNaN(row.number('market_cap')),
    },
    {
      kind: 'cell',
      name: 'D15 counts',
      spec: 'bars.md 6.1',
      why: 'The rows of D15 are among our rows written.',
      tables: [STATE_TABLE],
      columns: ['last_upserted'],
      predict: (ours) => ({
        last_upserted: ours.number('last_upserted') - countRows(source, ours, lacksVolumeOrCap),
      }),
    },
    {
      kind: 'cell',
      name: 'D2 counts',
      spec: 'bars.md 6.1',
      why: 'The rows of D2 are among our rejects and not among our rows written.',
      tables: [STATE_TABLE],
      columns: ['last_upserted', 'last_rejected'],
      predict(ours) {
        const seconds = countRows(source, ours, isSecondOfDay);
        return {
          last_upserted: ours.number('last_upserted') + seconds,
          last_rejected: ours.number('last_rejected') - seconds,
        };
      },
    },
  ];
}

function countRows(source: GoldenSource, ours: Row, test: typeof isSecondOfDay): number {
  const rows = source.get(ours.number('id'))?.rows;
  return rows === undefined ? 0 : positionsOf(rows).filter((row) => test(rows, row)).length;
}
