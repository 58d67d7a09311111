import { instantSql } from '@ta/state-store';
import { allRows } from '../sql/json-rows.ts';
import type { EmaLane } from './ema-inputs.ts';
import type { EmaPlace } from './place.ts';

/** How many rows of a series one pass saw. */
export interface SeriesTally {
  readonly tf: string;
  readonly period: number;
  rows: number;
  canonical: number;
  /** Instant of the newest row, epoch ms. */
  newestTs: number;
}

/** Row counts per series, by `tf period`. */
interface Tallied {
  readonly tallies: Map<string, SeriesTally>;
}

/** The tally of a series; created if there is none. */
export function openTally({ tallies }: Tallied, tf: string, period: number): SeriesTally {
  const key = `${tf} ${period}`;
  const tally = tallies.get(key) ?? { tf, period, rows: 0, canonical: 0, newestTs: -Infinity };
  tallies.set(key, tally);
  return tally;
}

/** Counts the rows of timeframes that the table should not have; there is nothing to compare them with. */
export async function tallyStrangers(
  { context, session, asset, table }: EmaPlace,
  lanes: readonly EmaLane[],
  range: { readonly fromTs: number; readonly untilTs: number },
  scan: Tallied,
): Promise<void> {
  const strange = context
    .emaSeries(table.source)
    .filter(({ tf }) => !lanes.some(({ timeframe }) => timeframe.tf === tf));
  if (strange.length === 0) return;
  const wanted = context.request.periods;
  const rows = await allRows(
    session,
    `SELECT s.tf, o.period, count(*) AS rows, count(*) FILTER (WHERE NOT r.roll) AS canonical, extract(epoch FROM max(r.ts)) * 1000 AS newest
     FROM ema_rows r JOIN ema_series s ON s.series = r.series CROSS JOIN LATERAL unnest(s.periods) WITH ORDINALITY o (period, place)
     WHERE r.id = ${asset.id} AND r.series = ANY ('{${strange.map(({ series }) => series).join(',')}}'::int2[])
       AND r.ts >= ${instantSql(range.fromTs)} AND r.ts < ${instantSql(range.untilTs)} AND r.ema[o.place] IS NOT NULL GROUP BY s.tf, o.period`,
  );
  for (const row of rows) {
    if (wanted !== null && !wanted.includes(row['period'] as number)) continue;
    const tally = openTally(scan, row['tf'] as string, row['period'] as number);
    tally.rows += row['rows'] as number;
    tally.canonical += row['canonical'] as number;
    tally.newestTs = Math.max(tally.newestTs, row['newest'] as number);
  }
}
