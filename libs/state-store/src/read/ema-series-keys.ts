import type { Session } from '../connect/database.ts';
import type { EmaTable } from '../tables/ema-tables.ts';

/**
 * The key of a series of packed EMAs; rows with other periods, or with another length of the timeframe, belong to another series.
 */
export interface EmaSeriesKey {
  readonly table: EmaTable;
  readonly tf: string;
  readonly tfDays: number;
  /** Ascending. */
  readonly periods: readonly number[];
}

/** Finds the number of a series in `ema_rows.series`; undefined if there is none. */
export type EmaSeriesNumbers = (key: EmaSeriesKey) => number | undefined;

/** A series of packed EMAs with its number. */
export interface NumberedEmaSeries extends EmaSeriesKey {
  readonly series: number;
}

/** All series, by number. */
export async function readEmaSeriesList(session: Session): Promise<NumberedEmaSeries[]> {
  return session.query<NumberedEmaSeries & Record<string, unknown>>(
    `SELECT series, alignment_source AS "table", tf, tf_days AS "tfDays", periods FROM ema_series ORDER BY series`,
  );
}

/** Reads all series. */
export async function readEmaSeriesNumbers(session: Session): Promise<EmaSeriesNumbers> {
  const numbers = new Map((await readEmaSeriesList(session)).map((series) => [nameOf(series), series.series]));
  return (key) => numbers.get(nameOf(key));
}

function nameOf({ table, tf, tfDays, periods }: EmaSeriesKey): string {
  return [table, tf, tfDays, periods].join(' ');
}
