import type { CheckContext } from '../check-context.ts';
import { DAILY_TABLE } from './table-names.ts';

/** A bar table as it is read by row-by-row checks that treat daily and multi-day bars alike. */
export interface BarRowSource {
  readonly table: string;
  /** Sub-SELECT of the selected rows. */
  readonly rows: string;
  /** SQL of timeframe and close instant of a row. */
  readonly tf: string;
  readonly time: string;
}

/** The selected bar tables, the daily one first. */
export function barRowSources(context: CheckContext): BarRowSource[] {
  const multiDay = context.barTables.map((table): BarRowSource => {
    return { table: table.table, rows: context.rows.bars(table), tf: 'tf', time: 'time_close' };
  });
  if (!context.hasDaily) return multiDay;
  return [{ table: DAILY_TABLE, rows: context.rows.daily(), tf: 'NULL::text', time: '"timestamp"' }, ...multiDay];
}
