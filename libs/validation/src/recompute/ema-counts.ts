import { firstIndexAtOrAfter, timeframesOf } from '@ta/bars-core/engine';
import { expectedDailySpaceRows, expectedRows } from '@ta/ema-core/engine';
import { instantSql, type EmaTableFacts } from '@ta/state-store';
import { allRows } from '../sql/json-rows.ts';
import type { SeriesCounts } from './bar-counts.ts';
import { canonicalRows, closingsOf } from './closing-days.ts';
import { readDailyInput } from './daily-input.ts';
import type { EmaPlace } from './place.ts';
import type { SeriesTally } from './ema-tallies.ts';
import type { EmaScan } from './recompute-emas.ts';

/** How many rows a series of an asset has, and how many it must have by its inputs; `closed` counts the canonical ones. */
interface EmaCounts extends SeriesCounts {
  /** Newest row, epoch ms; null without rows. */
  readonly newestTs: number | null;
}

/** A stored series that no run computes. */
interface StrangeSeries {
  readonly tf: string;
  readonly period: number;
  readonly rows: number;
  /** Its timeframe or period is unknown, or is one of other tables, or is no longer built: its rows stay as they were. */
  readonly why: 'unknown' | 'of_another_table' | 'no_longer_canonical';
}

/** The result of {@link emaCounts}. */
export interface EmaCountsOfAsset {
  readonly series: readonly EmaCounts[];
  /** Stored series that no run computes. */
  readonly strange: readonly StrangeSeries[];
  /** Newest daily bar of the selected range, epoch ms; NaN without bars. */
  readonly lastDailyTs: number;
}

/**
 * Counts of all selected series of an asset in a table, in the selected range.
 *
 * @param scan of the same rows; null to count them in the database
 */
export async function emaCounts(place: EmaPlace, scan: EmaScan | null): Promise<EmaCountsOfAsset> {
  const { context, asset, table } = place;
  const { fromTs, untilTs } = context.rangeOf(asset, 'read');
  const timeframes = context.emaTimeframes(table.source);
  const daily = await readDailyInput(place);
  const [from, until] = [firstIndexAtOrAfter(daily.ts, fromTs), firstIndexAtOrAfter(daily.ts, untilTs)];
  const lastDailyTs = until > from ? daily.ts[until - 1] : NaN;
  const stored = scan?.tallies ?? (await storedTallies(place));
  const strange = strangeOf(place, stored);
  const series: EmaCounts[] = [];
  for (const timeframe of timeframes) {
    const closed = closingsOf(table.source, timeframe, daily, asset.trading);
    const [closes, canonical] = [closed.map(({ knownRow }) => knownRow), canonicalRows(closed)];
    for (const period of context.selectedPeriods) {
      const firstRow = firstRowOf(table, closes, daily.length, period, timeframe.nominalDays);
      const row = stored.get(`${timeframe.tf} ${period}`);
      series.push({
        tf: timeframe.tf,
        period,
        rows: row?.rows ?? 0,
        closed: row?.canonical ?? 0,
        newestTs: row?.newestTs ?? null,
        expectedRows: Math.max(0, until - Math.max(from, firstRow)),
        expectedClosed: canonical.filter((at) => at >= Math.max(from, firstRow) && at < until).length,
      });
    }
  }
  return { series, strange, lastDailyTs };
}

function strangeOf({ context, table }: EmaPlace, stored: ReadonlyMap<string, SeriesTally>): StrangeSeries[] {
  const family = table.barFamily ?? 'multi_tf';
  const known = new Map(context.timeframes.map(({ tf, isCanonical }) => [tf, isCanonical]));
  const own = new Set(timeframesOf(family, context.timeframes, { includeNonCanonical: true }).map(({ tf }) => tf));
  if (family === 'multi_tf') own.add('1D');
  const whyStrange = ({ tf, period }: SeriesTally): StrangeSeries['why'] | null => {
    if (!known.has(tf) || !context.knownPeriods.has(period)) return 'unknown';
    if (!own.has(tf)) return 'of_another_table';
    return known.get(tf) === true ? null : 'no_longer_canonical';
  };
  return [...stored.values()].flatMap((tally) => {
    const why = whyStrange(tally);
    return why === null ? [] : [{ tf: tally.tf, period: tally.period, rows: tally.rows, why }];
  });
}

/** Rows per stored series. */
async function storedTallies({ context, session, asset, table }: EmaPlace): Promise<ReadonlyMap<string, SeriesTally>> {
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
