import type { CheckContext } from '../check-context.ts';
import type { Found } from '../finding.ts';
import { foundRows } from '../sql/found-rows.ts';
import { seededUniform, shuffled } from './sample.ts';

/** Another computation of series, in SQL. */
export interface SecondRun<Series> {
  /** Of which as many are drawn as the request says. */
  readonly series: readonly Series[];
  readonly seed: number;
  /** Gives a row, with the `columns` that differ, for each place where the stored rows of a series differ from the second ones. */
  readonly comparisonSql: (series: Series) => string;
}

/** Computes a seeded sample of series a second time and yields where they differ. */
export async function* runSecond<Series extends { readonly table: { readonly table: string } }>(
  context: CheckContext,
  { series, seed, comparisonSql }: SecondRun<Series>,
): AsyncGenerator<Found> {
  for (const one of shuffled(series, seededUniform(seed)).slice(0, context.request.sampleSize)) {
    yield* foundRows(
      context,
      one.table.table,
      comparisonSql(one),
      (row) => `differs from the computation in SQL: ${(row['columns'] as string[]).join(', ')}`,
    );
  }
}
