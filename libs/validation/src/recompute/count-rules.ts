import type { Found } from '../finding.ts';
import { foundAt } from '../sql/found-rows.ts';
import type { SeriesCounts } from './bar-counts.ts';
import { isoInstant } from './daily-input.ts';
import type { EmaCountsOfAsset } from './ema-counts.ts';

/** The names of rows in messages. */
interface RowNames {
  readonly all: string;
  readonly closed: string;
}

/** Findings about series without any row. @param textOf the message, given the number of expected rows */
function withoutRows(
  table: string,
  id: number,
  counts: readonly SeriesCounts[],
  textOf: (expectedRows: number) => string,
): Found[] {
  return counts
    .filter(({ rows, expectedRows }) => rows === 0 && expectedRows > 0)
    .map(({ tf, period, expectedRows: expected }) =>
      foundAt(table, { id, tf, period }, textOf(expected), {
        expected,
        actual: 0,
        detail: { expected_rows: expected },
      }),
    );
}

/** Findings about series that have some rows, but too few or too many. */
function differingCounts(table: string, id: number, counts: readonly SeriesCounts[], names: RowNames): Found[] {
  return counts
    .filter(({ rows }) => rows !== 0)
    .flatMap(({ tf, period, rows, closed, expectedRows, expectedClosed }) =>
      [
        { kind: names.all, actual: rows, expected: expectedRows },
        { kind: names.closed, actual: closed, expected: expectedClosed },
      ]
        .filter(({ actual, expected }) => actual !== expected)
        .map(({ kind, actual, expected }) => {
          const status = actual < expected ? 'GAP' : 'DUPLICATE';
          const text = `${actual} ${kind}, ${expected} expected (${status})`;
          return foundAt(table, { id, tf, period }, text, { key: kind, expected, actual, detail: { kind, status } });
        }),
    );
}

/** Findings from the counts of an asset's bars: timeframes without any (B14), with too few or too many (B15). */
export function judgeBarCounts(table: string, id: number, counts: readonly SeriesCounts[]): Map<string, Found[]> {
  const names = { all: 'snapshots', closed: 'final rows' };
  return new Map([
    ['B14', withoutRows(table, id, counts, (expected) => `no bars, ${expected} snapshots expected`)],
    ['B15', differingCounts(table, id, counts, names)],
  ]);
}

/**
 * Findings from the counts of an asset's EMAs: series without rows (E05), with too few or too many (E06), that end before the
 * bars (E08), or whose keys do not exist (E14).
 */
export function judgeEmaCounts(
  table: string,
  asset: { readonly id: number; readonly isKnown: boolean },
  { series, strange, lastDailyTs }: EmaCountsOfAsset,
): Map<string, Found[]> {
  const { id } = asset;
  const names = { all: 'rows', closed: 'canonical rows' };
  return new Map([
    ['E05', withoutRows(table, id, series, (expected) => `no rows, ${expected} expected`)],
    ['E06', differingCounts(table, id, series, names)],
    ['E08', seriesThatEndEarly(table, id, series, lastDailyTs)],
    ['E14', strangeSeries(table, asset, series, strange)],
  ]);
}

function seriesThatEndEarly(
  table: string,
  id: number,
  series: EmaCountsOfAsset['series'],
  lastDailyTs: number,
): Found[] {
  const behind = new Map<string, string>();
  for (const { tf, newestTs } of series) {
    if (newestTs !== null && newestTs < lastDailyTs && !behind.has(tf)) behind.set(tf, isoInstant(newestTs));
  }
  const last = isoInstant(lastDailyTs);
  return [...behind].map(([tf, newest]) => {
    const detail = { ema_max: newest, bar_max: last };
    const text = `EMAs end at ${newest}, daily bars at ${last}`;
    return foundAt(table, { id, tf }, text, { expected: last, actual: newest, detail });
  });
}

const STRANGE = {
  unknown: 'a timeframe or period that is in no dimension table and not in the settings',
  of_another_table: 'a timeframe that is not of this table',
  no_longer_canonical: 'a timeframe that is no longer canonical: they are not kept up to date',
};

function strangeSeries(
  table: string,
  { id, isKnown }: { readonly id: number; readonly isKnown: boolean },
  series: EmaCountsOfAsset['series'],
  strange: EmaCountsOfAsset['strange'],
): Found[] {
  const detail = { kind: 'orphan' };
  const found = strange.map(({ tf, period, rows, why }) => {
    const severity = why === 'no_longer_canonical' ? { severity: 'WARNING' as const } : {};
    return foundAt(table, { id, tf, period }, `${rows} rows of ${STRANGE[why]}`, { ...severity, detail });
  });
  const rows = series.reduce((sum, counts) => sum + counts.rows, 0);
  if (isKnown || rows === 0) return found;
  return [...found, foundAt(table, { id }, `${rows} rows of an asset that is not in dim_assets`, { detail })];
}
