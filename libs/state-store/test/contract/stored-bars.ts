import type { BarFamily } from '@ta/bars-core/engine';
import type { Session } from '../../src/connect/database.ts';
import { createCopyEncoder } from '../../src/copy/encode.ts';
import type { FieldData } from '../../src/copy/field-data.ts';
import { copyInSql } from '../../src/copy/layout.ts';
import { slimSql } from '../../src/convert-bars.ts';
import { BAR_TABLES } from '../../src/tables/bar-tables.ts';
import { inLayoutOrder } from '../../src/tables/keyed-table.ts';

const FIRST = Date.parse('2024-01-01T23:59:59.999Z');
const dayTs = (i: number) => FIRST + i * 86_400_000;

/**
 * Stores multi-day bars of an id that are given with the columns of the tables of the contract, as an earlier version had them.
 * @param give puts them into the table that it is told, whose rows are of `family` unless they say otherwise
 * @returns how many they were
 */
export async function storeBars(
  tx: Session,
  id: number,
  family: BarFamily,
  give: (table: string) => Promise<unknown>,
): Promise<number> {
  await tx.run('CREATE TEMPORARY TABLE given AS SELECT * FROM cmc_price_bars_multi_tf_u WHERE false');
  await tx.run(`ALTER TABLE given ALTER alignment_source SET DEFAULT '${BAR_TABLES[family].source}', ALTER ingested_at SET DEFAULT now(),
    ALTER count_missing_days_end SET DEFAULT 0`);
  await give('given');
  const [series, rows] = slimSql('given').map((sql) => sql.replaceAll('$id', String(id)));
  await tx.run(series);
  const stored = await tx.run(rows, []);
  await tx.run('DROP TABLE given');
  return stored;
}

/** Stores `days` snapshots of two timeframes, 2D and 3D: a bar closes every second and every third day. */
export function storeSnapshots(
  tx: Session,
  id: number,
  family: BarFamily,
  from: number,
  until: number,
): Promise<number> {
  const cells = Array.from({ length: (until - from) * 2 }, (_, i) => {
    const day = from + (i >> 1);
    const length = i % 2 === 0 ? 2 : 3;
    return { day, length, pos: (day % length) + 1 };
  });
  const column = (at: (cell: (typeof cells)[number]) => number): FieldData => ({
    numbers: Float64Array.from(cells, at),
  });
  const flag = (at: (cell: (typeof cells)[number]) => boolean): FieldData => ({
    numbers: Uint8Array.from(cells, (cell) => Number(at(cell))),
  });
  const layout = { ...BAR_TABLES[family].layout, table: 'given' };
  const data: Record<string, FieldData> = {
    ...{ id: { constant: id }, tf: { codes: Uint8Array.from(cells, (_, i) => i % 2), labels: ['2D', '3D'] } },
    ...{ time_close: column(({ day }) => dayTs(day)), time_open: column(({ day, pos }) => dayTs(day - pos) + 1) },
    ...{ time_high: column(({ day }) => dayTs(day) - 7), time_low: column(() => NaN) },
    ...{ timestamp: column(({ day }) => dayTs(day)), last_ts_half_open: column(({ day }) => dayTs(day) + 1) },
    ...{ open: column(() => 1), high: column(() => 9), low: column(() => 0.5), close: column(({ day }) => day + 0.25) },
    ...{ volume: column(() => 0), market_cap: column(() => NaN), tf_days: column(({ length }) => length) },
    ...{ bar_seq: column(({ day, length }) => Math.floor(day / length) + 1), bar_anchor_offset: { constant: null } },
    ...{ pos_in_bar: column(({ pos }) => pos), count_days: column(({ pos }) => pos) },
    ...{ count_days_remaining: column(({ pos, length }) => length - pos), count_missing_days: { constant: 0 } },
    ...{ count_missing_days_start: { constant: 0 }, count_missing_days_end: { constant: 0 } },
    ...{ count_missing_days_interior: { constant: 0 }, is_partial_start: flag(() => false) },
    ...{ is_partial_end: flag(({ pos, length }) => pos < length), is_missing_days: flag(() => false) },
    ...{ missing_days_where: { constant: null }, first_missing_day: { constant: null } },
    ...{ last_missing_day: column(({ day }) => 19_000 + day) },
    ...{ closed_at: column(({ day, pos, length }) => (pos < length ? NaN : dayTs(day))) },
  };
  const tuples = createCopyEncoder(layout).encode(inLayoutOrder(layout, data), cells.length);
  return storeBars(tx, id, family, () => tx.copyIn(copyInSql(layout), [tuples]));
}
