import { firstIndexAtOrAfter } from '@ta/bars-core/engine';
import { expectedDailySpaceRows, expectedRows } from '@ta/ema-core/engine';
import { instantSql, type EmaTableFacts, type Session } from '@ta/state-store';
import type { AssetFacts } from '../assets.ts';
import type { CheckContext } from '../check-context.ts';
import { allRows } from '../sql/json-rows.ts';
import { canonicalRows, closingsOf } from './closing-days.ts';
import type { EmaScan, SeriesTally } from './recompute-emas.ts';
import { readDailyInput } from './daily-input.ts';

/** How many rows a series of an asset has, and how many its inputs demand. */
export interface EmaCounts {
  readonly tf: string;
  readonly period: number;
  readonly rows: number;
  readonly canonical: number;
  readonly expectedRows: number;
  readonly expectedCanonical: number;
  /** Newest row, epoch ms; null without rows. */
  readonly newestTs: number | null;
}

/** What {@link emaCounts} knows of an asset in a table. */
export interface EmaCountsOfAsset {
  readonly series: readonly EmaCounts[];
  /** Stored series whose timeframe or period is in no dimension. */
  readonly strange: readonly { readonly tf: string; readonly period: number; readonly rows: number }[];
  /** Newest daily bar of the selected range, epoch ms; NaN without bars. */
  readonly lastDailyTs: number;
}

/**
 * Counts of all selected series of an asset in a table, in the selected range.
 *
 * @param scan of the same rows; null to count them in the database
 */
export async function emaCounts(
  context: CheckContext,
  session: Session,
  asset: AssetFacts,
  table: EmaTableFacts,
  scan: EmaScan | null,
): Promise<EmaCountsOfAsset> {
  const { fromTs, untilTs } = context.rangeOf(asset, 'read');
  const timeframes = context.emaTimeframes(table.source);
  const daily = await readDailyInput(session, asset);
  const [from, until] = [firstIndexAtOrAfter(daily.ts, fromTs), firstIndexAtOrAfter(daily.ts, untilTs)];
  const lastDailyTs = until > from ? daily.ts[until - 1] : NaN;
  const stored = scan?.tallies ?? (await storedTallies(context, session, asset, table));
  const tfs = new Set(context.timeframes.map(({ tf }) => tf));
  const strange = [...stored.values()].filter(({ tf, period }) => !tfs.has(tf) || !context.periods.includes(period));
  const series: EmaCounts[] = [];
  for (const timeframe of timeframes) {
    const closed = closingsOf(table.source, timeframe, daily, asset.trading);
    const [closes, canonical] = [closed.map(({ knownRow }) => knownRow), canonicalRows(closed)];
    for (const period of context.periods) {
      if (context.request.periods !== null && !context.request.periods.includes(period)) continue;
      const firstRow = firstRowOf(table, closes, daily.length, period, timeframe.nominalDays);
      const row = stored.get(`${timeframe.tf} ${period}`);
      series.push({
        tf: timeframe.tf,
        period,
        rows: row?.rows ?? 0,
        canonical: row?.canonical ?? 0,
        newestTs: row?.newestTs ?? null,
        expectedRows: Math.max(0, until - Math.max(from, firstRow)),
        expectedCanonical: canonical.filter((at) => at >= Math.max(from, firstRow) && at < until).length,
      });
    }
  }
  return { series, strange, lastDailyTs };
}

/** Rows per stored series. */
async function storedTallies(
  context: CheckContext,
  session: Session,
  asset: AssetFacts,
  table: EmaTableFacts,
): Promise<ReadonlyMap<string, SeriesTally>> {
  const { fromTs, untilTs } = context.rangeOf(asset, 'read');
  const rows = await allRows(
    session,
    `SELECT tf, period, count(*) AS n, count(*) FILTER (WHERE NOT roll) AS canonical, extract(epoch FROM max(ts)) * 1000 AS newest
     FROM ${table.table} WHERE id = ${asset.id} AND ts >= ${instantSql(fromTs)} AND ts < ${instantSql(untilTs)} GROUP BY tf, period`,
  );
  return new Map(
    rows.map((row) => {
      const [tf, period] = [row['tf'] as string, row['period'] as number];
      const counts = {
        rows: row['n'] as number,
        canonical: row['canonical'] as number,
        newestTs: row['newest'] as number,
      };
      return [`${tf} ${period}`, { tf, period, ...counts }];
    }),
  );
}

/** Index of the daily row on which a series begins; the number of rows when it does not. */
function firstRowOf(
  table: EmaTableFacts,
  closes: readonly number[],
  days: number,
  period: number,
  tfDays: number,
): number {
  const rows =
    table.source === 'multi_tf_v2' ? expectedDailySpaceRows(days, period, tfDays) : expectedRows(closes, days, period);
  return days - rows;
}
