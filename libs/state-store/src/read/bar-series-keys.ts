import type { BarFamily } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import type { BarAlignmentSource } from '../schema/bars.ts';
import { BAR_TABLES } from '../tables/bar-tables.ts';

/** A series of multi-day bars: a timeframe of one table. */
export interface BarSeriesKey {
  readonly family: BarFamily;
  readonly tf: string;
}

/**
 * A stored series: its number in `bar_rows.series`, and the days of its bars, which apply to rows whose own `tf_days` is NULL.
 */
export interface NumberedBarSeries {
  readonly series: number;
  readonly tfDays: number;
}

/** Finds a series; undefined when there is none. */
export type BarSeriesNumbers = (key: BarSeriesKey) => NumberedBarSeries | undefined;

/** Reads all series of bars. */
export async function readBarSeriesNumbers(session: Session): Promise<BarSeriesNumbers> {
  const rows = await session.query<NumberedBarSeries & { source: BarAlignmentSource; tf: string }>(
    'SELECT series, tf_days AS "tfDays", alignment_source AS source, tf FROM bar_series',
  );
  const numbers = new Map(rows.map(({ source, tf, series, tfDays }) => [`${source} ${tf}`, { series, tfDays }]));
  return ({ family, tf }) => numbers.get(`${BAR_TABLES[family].source} ${tf}`);
}
