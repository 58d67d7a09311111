import type { Timeframe } from '@ta/bars-core/engine';
import { quoteLiteral } from '@ta/state-store';
import type { AssetFacts } from '../assets.ts';
import type { CheckContext } from '../check-context.ts';
import type { Found } from '../finding.ts';
import { SECOND_TOLERANCE } from '../request.ts';
import { foundRows } from '../sql/found-rows.ts';
import { seededUniform, shuffled } from './sample.ts';

/** A series to compute a second time, in plain SQL: this finds errors of the cores, which all other checks may share. */
export interface SecondSeries {
  readonly asset: AssetFacts;
  readonly table: { readonly table: string };
  readonly timeframe: Timeframe;
  readonly period?: number;
}

/** What the second computation of a series gives, as SQL. */
export interface SecondRows {
  /** Entries of WITH; the last one, `expected`, has the instant of each row as `ts`. */
  readonly expected: string;
  /** Column of the instant in the stored rows. */
  readonly time: string;
  /** Columns, and when a stored row `s` differs in them from the expected row `e`. */
  readonly wrong: readonly (readonly [column: string, differs: string])[];
  /** Further joins that the conditions need. */
  readonly join?: string;
}

/** Computes a seeded sample of `sampleSize` series a second time, and yields where they differ from the stored ones. */
export async function* runSecond<Series extends SecondSeries>(
  context: CheckContext,
  { series, seed }: { readonly series: readonly Series[]; readonly seed: number },
  rowsOf: (series: Series) => SecondRows,
): AsyncGenerator<Found> {
  for (const one of shuffled(series, seededUniform(seed)).slice(0, context.request.sampleSize)) {
    yield* foundRows(
      context,
      one.table.table,
      comparisonSql(one, rowsOf(one)),
      (row) => `differs from the computation in SQL: ${(row['columns'] as string[]).join(', ')}`,
    );
  }
}

/** Whether two numbers differ by more than the order of additions explains. @param size SQL of what the tolerance refers to */
export function numberDiffers(context: CheckContext, column: string, size: string): string {
  const tolerance = Math.max(context.request.relTolerance, SECOND_TOLERANCE);
  return `(s.${column} IS NULL) <> (e.${column} IS NULL) OR abs(s.${column} - e.${column}) > ${tolerance} * greatest(${size})`;
}

/** One row, with the `columns` that differ, for each place where the stored rows of a series differ from the second ones. */
function comparisonSql(
  { asset, table, timeframe, period }: SecondSeries,
  { expected, time, wrong, join = '' }: SecondRows,
): string {
  const series = { id: asset.id, tf: quoteLiteral(timeframe.tf), ...(period === undefined ? {} : { period }) };
  const columns = Object.entries(series).map(([column, value]) => `${value} AS ${column}`);
  const mine = Object.entries(series).map(([column, value]) => `${column} = ${value}`);
  const named = wrong.map(([column, differs]) => `CASE WHEN ${differs} THEN '${column}' END`);
  return `WITH RECURSIVE ${expected}
    SELECT ${columns.join(', ')}, coalesce(s.${time}, e.ts) AS key, 'sql' AS method,
      CASE WHEN s.id IS NULL THEN ARRAY['missing'] WHEN e.ts IS NULL THEN ARRAY['extra']
        ELSE array_remove(ARRAY[${named.join(', ')}], NULL) END AS columns
    FROM (SELECT * FROM ${table.table} WHERE ${mine.join(' AND ')}) s FULL JOIN expected e ON e.ts = s.${time} ${join}
    WHERE s.id IS NULL OR e.ts IS NULL OR ${wrong.map(([, differs]) => `(${differs})`).join(' OR ')} ORDER BY key`;
}
