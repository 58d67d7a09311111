import { firstIndexAtOrAfter, windowOf, type CivilDay, type Timeframe } from '@ta/bars-core/engine';
import { instantSql, quoteLiteral } from '@ta/state-store';
import { allRows } from '../sql/json-rows.ts';
import { closings } from './closing-days.ts';
import { readDailyInput, type DailyInput } from './daily-input.ts';
import type { BarPlace } from './place.ts';
import type { BarPass } from './recompute-bars.ts';

/** Rows of a series, or of a timeframe of bars: how many are stored, and how many there must be by the days. */
export interface SeriesCounts {
  readonly tf: string;
  readonly period?: number;
  readonly rows: number;
  /** Stored rows of closed bars. */
  readonly closed: number;
  readonly expectedRows: number;
  readonly expectedClosed: number;
}

/**
 * Counts of all selected timeframes of an asset in a table, in the selected range.
 *
 * @param pass over the same rows; null to count them in the database
 */
export async function barCounts(place: BarPlace, pass: BarPass | null): Promise<readonly SeriesCounts[]> {
  const { context, asset, table } = place;
  const { fromTs, untilTs } = context.rangeOf(asset, 'read');
  const timeframes = context.barTimeframes(table.family);
  if (timeframes.length === 0) return [];
  const stored = pass?.tallies ?? (await storedCounts(place));
  const daily = await readDailyInput(place);
  const [from, until] = [firstIndexAtOrAfter(daily.ts, fromTs), firstIndexAtOrAfter(daily.ts, untilTs)];
  return timeframes.map((timeframe) => ({
    tf: timeframe.tf,
    rows: stored.get(timeframe.tf)?.rows ?? 0,
    closed: stored.get(timeframe.tf)?.closed ?? 0,
    expectedRows: until - Math.max(from, firstRowInBar(timeframe, daily, from, until)),
    expectedClosed: closings(timeframe, daily, from, until, asset.trading).length,
  }));
}

/** Rows per timeframe. */
async function storedCounts({
  context,
  session,
  asset,
  table,
}: BarPlace): Promise<ReadonlyMap<string, { readonly rows: number; readonly closed: number }>> {
  const { fromTs, untilTs } = context.rangeOf(asset, 'read');
  const labels = context.barTimeframes(table.family).map(({ tf }) => quoteLiteral(tf));
  // an expression keeps the planner from using an index for the labels, which would cost more than it saves
  const rows = await allRows(
    session,
    `SELECT tf, count(*) AS rows, count(closed_at) AS closed FROM ${table.table}
     WHERE id = ${asset.id} AND time_close >= ${instantSql(fromTs)} AND time_close < ${instantSql(untilTs)}
       AND tf || '' IN (${labels.join(', ')}) GROUP BY tf`,
  );
  return new Map(rows.map((row) => [row['tf'] as string, row as unknown as { rows: number; closed: number }]));
}

/** Index of the first row of `from` until `until` that falls in a bar; `until` when none does. */
function firstRowInBar(timeframe: Timeframe, daily: DailyInput, from: number, until: number): number {
  if (timeframe.kind !== 'aligned') return from;
  const firstDay = daily.day[0] as CivilDay;
  for (let row = from; row < until; row++) {
    if (windowOf(timeframe, firstDay, daily.day[row] as CivilDay) !== null) return row;
  }
  return until;
}
