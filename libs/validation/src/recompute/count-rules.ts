import type { Found } from '../finding.ts';
import { placeText } from '../sql/found-rows.ts';
import type { BarCounts } from './bar-counts.ts';
import { isoInstant } from './daily-input.ts';
import type { EmaCountsOfAsset } from './ema-counts.ts';

/** Where a series is. */
interface SeriesPlace {
  readonly id: number;
  readonly tf: string;
  readonly period?: number;
}

/** Rows of one kind: what they are called, how many there are, how many there must be. */
type Kind = readonly [name: string, actual: number, expected: number];

function withoutRows(table: string, place: SeriesPlace, expectedRows: number, text: string): Found {
  const message = `${placeText(place)}: ${text}`;
  return { table, ...place, expected: expectedRows, actual: 0, detail: { expected_rows: expectedRows }, message };
}

function differingCounts(table: string, place: SeriesPlace, kinds: readonly Kind[]): Found[] {
  return kinds
    .filter(([, actual, expected]) => actual !== expected)
    .map(([kind, actual, expected]): Found => {
      const status = actual < expected ? 'GAP' : 'DUPLICATE';
      const message = `${placeText(place)}: ${actual} ${kind}, ${expected} expected (${status})`;
      return { table, ...place, key: kind, expected, actual, detail: { kind, status }, message };
    });
}

/** What the counts of an asset's bars say: timeframes without any (B14), with too few or too many (B15). */
export function judgeBarCounts(table: string, id: number, counts: readonly BarCounts[]): Map<string, Found[]> {
  const [empty, others] = [counts.filter(({ rows }) => rows === 0), counts.filter(({ rows }) => rows !== 0)];
  const coverage = empty
    .filter(({ expectedRows }) => expectedRows > 0)
    .map(({ tf, expectedRows }) =>
      withoutRows(table, { id, tf }, expectedRows, `no bars, ${expectedRows} snapshots expected`),
    );
  const rowcount = others.flatMap(({ tf, rows, expectedRows, closed, expectedClosed }) =>
    differingCounts(table, { id, tf }, [
      ['snapshots', rows, expectedRows],
      ['final rows', closed, expectedClosed],
    ]),
  );
  return new Map([
    ['B14', coverage],
    ['B15', rowcount],
  ]);
}

/**
 * What the counts of an asset's EMAs say: series without rows (E05), with too few or too many (E06), that end before the
 * bars (E08), under keys that do not exist (E14).
 */
export function judgeEmaCounts(
  table: string,
  asset: { readonly id: number; readonly isKnown: boolean },
  { series, strange, lastDailyTs }: EmaCountsOfAsset,
): Map<string, Found[]> {
  const { id } = asset;
  const [empty, others] = [series.filter(({ rows }) => rows === 0), series.filter(({ rows }) => rows !== 0)];
  const coverage = empty
    .filter(({ expectedRows }) => expectedRows > 0)
    .map(({ tf, period, expectedRows }) =>
      withoutRows(table, { id, tf, period }, expectedRows, `no rows, ${expectedRows} expected`),
    );
  const rowcount = others.flatMap(({ tf, period, rows, expectedRows, canonical, expectedCanonical }) =>
    differingCounts(table, { id, tf, period }, [
      ['rows', rows, expectedRows],
      ['canonical rows', canonical, expectedCanonical],
    ]),
  );
  return new Map([
    ['E05', coverage],
    ['E06', rowcount],
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
  return [...behind].map(([tf, newest]): Found => {
    const place = { id, tf };
    const last = isoInstant(lastDailyTs);
    const message = `${placeText(place)}: EMAs end at ${newest}, daily bars at ${last}`;
    return { table, ...place, expected: last, actual: newest, detail: { ema_max: newest, bar_max: last }, message };
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
  const found = strange.map(({ tf, period, rows, why }): Found => {
    const place = { id, tf, period };
    const message = `${placeText(place)}: ${rows} rows of ${STRANGE[why]}`;
    const severity = why === 'no_longer_canonical' ? { severity: 'WARNING' as const } : {};
    return { table, ...place, ...severity, detail: { kind: 'orphan' }, message };
  });
  const rows = series.reduce((sum, counts) => sum + counts.rows, 0);
  if (isKnown || rows === 0) return found;
  const message = `id ${id}: ${rows} rows of an asset that is not in dim_assets`;
  return [...found, { table, id, detail: { kind: 'orphan' }, message }];
}
