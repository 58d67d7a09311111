import type { BarFamily } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import type { ColumnTable } from '../copy/column-table.ts';
import { quoteLiteral } from '../copy/layout.ts';
import { BAR_TABLES } from '../tables/bar-tables.ts';
import { EMA_TABLES, type EmaTable } from '../tables/ema-tables.ts';
import { nullable, required } from '../tables/keyed-table.ts';
import { copyQuery, nullIfNaN, whereIds } from './copy-select.ts';

/** Least and greatest value over the timeframes of an id: equal when all agree. */
export type Extremes = readonly [number | null, number | null];

/** Daily state in short. */
export interface DailyOverview {
  readonly zone: string;
  /** Rules by which the days of its bars were decided; null when that is not known. */
  readonly dayRules: string | null;
  /** NaN when the state does not agree with the stored bars: nothing can rest on such a build. */
  readonly fullBuiltAtMs: number;
  readonly revision: number;
  /** Newest stored daily bar, epoch ms. */
  readonly lastSourceTs: number | null;
}

/** State of one id in one bar family, over its timeframes. */
export interface BarsOverview {
  /** Whether its timeframes are exactly the expected ones, with the expected specifications. */
  readonly isAsSpecified: boolean;
  readonly sourceBuiltAtMs: Extremes;
  readonly sourceRevision: Extremes;
  readonly dailyMaxTs: Extremes;
  readonly zone: readonly [string, string];
  readonly newestBuiltAtMs: number;
}

/** State of one id in one EMA table, over its timeframes. */
export interface EmasOverview {
  /** Whether its timeframes are exactly the expected ones, with the expected parameters and periods. */
  readonly isAsSpecified: boolean;
  readonly dailyBuiltAtMs: Extremes;
  readonly sourceRevision: Extremes;
  readonly lastTs: Extremes;
  readonly resetStampMs: Extremes;
  readonly newestBarsBuiltAtMs: number | null;
}

/** What the states of up-to-date EMAs say. */
export interface EmaSpecs {
  /** `params_hash` by timeframe, per table. */
  readonly paramsHashes: Readonly<Record<EmaTable, ReadonlyMap<string, string>>>;
  /** Ascending. */
  readonly periods: readonly number[];
}

/** Reads the daily states of these ids (all without) in short. */
export async function readDailyOverview(
  session: Session,
  ids?: readonly number[],
): Promise<Map<number, DailyOverview>> {
  const rows = await copyQuery(
    session,
    'daily overview',
    [
      ...required('int4', 'id'),
      ...required('text', 'tz'),
      ...nullable('text', 'day_rules'),
      ...nullable('timestamptz', 'built_at'),
      ...required('int8', 'revision'),
      ...nullable('timestamptz', 'last'),
    ],
    `SELECT id, tz, day_rules, CASE WHEN day_rules IS NOT NULL AND last_src_ts IS NOT DISTINCT FROM (SELECT max(b."timestamp") FROM cmc_price_bars_1d b WHERE b.id = s.id)
       THEN full_built_at END, revision, last_src_ts FROM cmc_price_bars_1d_state s ${whereIds(ids)}`,
  );
  const [zone, dayRules] = [rows.text('tz'), rows.text('day_rules')];
  const [builtAt, revision, last] = [rows.number('built_at'), rows.number('revision'), rows.number('last')];
  return byId(rows, (i) => ({
    zone: zone[i] as string,
    dayRules: dayRules[i],
    fullBuiltAtMs: builtAt[i],
    revision: revision[i],
    lastSourceTs: nullIfNaN(last[i]),
  }));
}

/**
 * Reads the bar states of these ids (all without) in short. Grouped by the server: neither the timeframes nor the numbers
 * that resume their folds are sent.
 *
 * @param specs what an up-to-date state says, by timeframe
 */
export async function readBarsOverview(
  session: Session,
  family: BarFamily,
  specs: ReadonlyMap<string, string>,
  ids?: readonly number[],
): Promise<Map<number, BarsOverview>> {
  const rows = await copyQuery(
    session,
    'bars overview',
    [
      ...required('int4', 'id'),
      ...required('bool', 'is_as_specified'),
      ...required('text', 'least_zone', 'greatest_zone'),
      ...required('timestamptz', 'least_built', 'greatest_built'),
      ...required('int8', 'least_revision', 'greatest_revision'),
      ...nullable('timestamptz', 'least_daily', 'greatest_daily'),
      ...required('timestamptz', 'newest'),
    ],
    `SELECT s.id, count(*) = ${specs.size} AND count(e.tf) = ${specs.size}, min(s.tz), max(s.tz),
       min(s.src_full_built_at), max(s.src_full_built_at), min(s.src_revision), max(s.src_revision),
       min(s.daily_max_seen), max(s.daily_max_seen), max(s.full_built_at)
     FROM ${BAR_TABLES[family].stateTable} s
     LEFT JOIN ${valuesSql([...specs], 'e(tf, spec)')} ON e.tf = s.tf AND e.spec = s.spec
     ${whereIds(ids)} GROUP BY s.id`,
  );
  const [leastZone, greatestZone] = ['least_zone', 'greatest_zone'].map((name) => rows.text(name));
  const isAsSpecified = rows.number('is_as_specified');
  const newest = rows.number('newest');
  const [built, revision, daily] = ['built', 'revision', 'daily'].map((name) => extremesOf(rows, name));
  return byId(rows, (i) => ({
    isAsSpecified: isAsSpecified[i] === 1,
    sourceBuiltAtMs: built(i),
    sourceRevision: revision(i),
    dailyMaxTs: daily(i),
    zone: [leastZone[i] as string, greatestZone[i] as string] as const,
    newestBuiltAtMs: newest[i],
  }));
}

/** Reads the EMA states of these ids (all without) in short, per table. */
export async function readEmasOverview(
  session: Session,
  specs: EmaSpecs,
  ids?: readonly number[],
): Promise<Record<EmaTable, Map<number, EmasOverview>>> {
  const expected = Object.entries(specs.paramsHashes).flatMap(([table, hashes]) =>
    [...hashes].map(([tf, hash]) => [table, tf, hash]),
  );
  const rows = await copyQuery(
    session,
    'emas overview',
    [
      ...required('int4', 'id'),
      ...required('text', 'source'),
      ...required('int8', 'timeframes', 'as_specified'),
      ...nullable('timestamptz', 'least_built', 'greatest_built'),
      ...required('int8', 'least_revision', 'greatest_revision'),
      ...nullable('timestamptz', 'least_last', 'greatest_last', 'least_reset', 'greatest_reset', 'newest'),
    ],
    `SELECT s.id, s.alignment_source::text, count(*), count(e.tf),
       min(s.daily_full_built_at), max(s.daily_full_built_at), min(s.src_revision), max(s.src_revision),
       min(s.last_ts), max(s.last_ts), min(s.reset_stamp), max(s.reset_stamp), max(s.bars_full_built_at)
     FROM cmc_ema_state s
     LEFT JOIN ${valuesSql(expected, 'e(source, tf, params_hash)')}
       ON e.source::public.ema_alignment_source = s.alignment_source AND e.tf = s.tf AND e.params_hash = s.params_hash
       AND s.periods = '{${specs.periods.join(',')}}'::int4[]
     ${whereIds(ids)} GROUP BY s.id, s.alignment_source`,
  );
  const [id, newest] = [rows.number('id'), rows.number('newest')];
  const [source, timeframes, asSpecified] = [
    rows.text('source'),
    rows.number('timeframes'),
    rows.number('as_specified'),
  ];
  const [built, revision, last, reset] = ['built', 'revision', 'last', 'reset'].map((name) => extremesOf(rows, name));
  const tables = Object.keys(EMA_TABLES).map((table) => [table, new Map<number, EmasOverview>()]);
  const byTable = Object.fromEntries(tables) as Record<EmaTable, Map<number, EmasOverview>>;
  for (let i = 0; i < rows.length; i++) {
    const table = source[i] as EmaTable;
    const wanted = specs.paramsHashes[table].size;
    byTable[table].set(id[i], {
      isAsSpecified: timeframes[i] === wanted && asSpecified[i] === wanted,
      dailyBuiltAtMs: built(i),
      sourceRevision: revision(i),
      lastTs: last(i),
      resetStampMs: reset(i),
      newestBarsBuiltAtMs: nullIfNaN(newest[i]),
    });
  }
  return byTable;
}

/** A list of rows of text as a table in SQL; one that nothing equals when there is none. */
function valuesSql(rows: readonly (readonly string[])[], name: string): string {
  const width = name.split(',').length;
  const all = rows.length > 0 ? rows : [Array.from({ length: width }, () => null)];
  const lines = all.map(
    (row) => `(${row.map((text) => (text === null ? 'NULL::text' : quoteLiteral(text))).join(', ')})`,
  );
  return `(VALUES ${lines.join(', ')}) AS ${name}`;
}

function extremesOf(rows: ColumnTable, name: string): (i: number) => Extremes {
  const [least, greatest] = [rows.number(`least_${name}`), rows.number(`greatest_${name}`)];
  return (i) => [nullIfNaN(least[i]), nullIfNaN(greatest[i])];
}

function byId<T>(rows: ColumnTable, at: (i: number) => T): Map<number, T> {
  return new Map(Array.from(rows.number('id'), (id, i) => [id, at(i)]));
}
