import type { BarFamily } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import type { ColumnTable } from '../copy/column-table.ts';
import { quoteLiteral } from '../copy/layout.ts';
import { BAR_TABLES } from '../tables/bar-tables.ts';
import { andBefore, andFrom, idSql } from '../sql-conditions.ts';
import { copyTable, groupedBy } from './copy-select.ts';

/** A range of multi-day bars of one timeframe, by close instant (epoch ms), for {@link readBarRows}. */
export interface BarRange {
  readonly tf: string;
  /** First instant; −∞ for all. */
  readonly fromTs: number;
  /** Only rows before this instant; +∞ for no limit. */
  readonly untilTs: number;
}

/** Reads multi-day bars of one id with all columns of their layout, in no particular order. @throws StoreError */
export async function readBarRows(
  session: Session,
  family: BarFamily,
  id: number,
  ranges: readonly BarRange[],
): Promise<ColumnTable> {
  const stretches = groupedBy(
    ranges,
    ({ fromTs, untilTs }) => `${andFrom('time_close', fromTs)} ${andBefore('time_close', untilTs)}`,
  );
  const conditions = [...stretches].map(([stretch, timeframes]) => {
    const labels = quoteLiteral(`{${timeframes.map(({ tf }) => JSON.stringify(tf)).join(',')}}`);
    return `tf = ANY (${labels}::text[]) ${stretch}`;
  });
  const where = `WHERE id = ${idSql(id)} AND (${conditions.join(' OR ')})`;
  return copyTable(session, BAR_TABLES[family].layout, where);
}
