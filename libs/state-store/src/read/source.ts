import type { SourceSeries } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import type { CopyLayout } from '../copy/layout.ts';
import { isBeyondSql } from '../instant-range.ts';
import { priceHistories } from '../schema/source.ts';
import { beyondAs, nullable, required } from '../tables/keyed-table.ts';
import { fieldsOf } from '../tables/table-fields.ts';
import { andSince, idSql, instantSql, type FirstInstant } from '../sql-conditions.ts';
import { copyTable, readObjects, type RowColumns } from './copy-select.ts';

const SOURCE: CopyLayout = {
  table: 'cmc_price_histories7',
  fields: [
    ...fieldsOf(priceHistories, 'timestamp'),
    ...beyondAs('infinite', fieldsOf(priceHistories, 'timeopen', 'timeclose', 'timehigh', 'timelow', 'load_ts')),
    ...fieldsOf(priceHistories, 'open', 'high', 'low', 'close', 'volume', 'marketcap', 'name', 'source_file'),
  ],
};

/**
 * Reads source rows of one id in one query, ascending by `timestamp`. Rows whose `timestamp` is outside the years 0001 to 9999
 * are left out, since `recordRowsBeyond` writes rejects for them. Other instants outside these years are ±Infinity.
 */
export async function readSourceRows(
  session: Session,
  id: number,
  first: FirstInstant = { fromTs: Number.NEGATIVE_INFINITY },
): Promise<SourceSeries> {
  const since = andSince('"timestamp"', first);
  const tail = `WHERE id = ${idSql(id)} ${since} AND NOT ${isBeyondSql('"timestamp"')} ORDER BY "timestamp"`;
  const rows = await copyTable(session, SOURCE, tail);
  return {
    length: rows.length,
    ts: rows.number('timestamp'),
    timeOpen: rows.number('timeopen'),
    timeClose: rows.number('timeclose'),
    timeHigh: rows.number('timehigh'),
    timeLow: rows.number('timelow'),
    open: rows.number('open'),
    high: rows.number('high'),
    low: rows.number('low'),
    close: rows.number('close'),
    volume: rows.number('volume'),
    marketCap: rows.number('marketcap'),
    loadTs: rows.number('load_ts'),
    name: rows.text('name'),
    sourceFile: rows.text('source_file'),
  };
}

/** The ids, among the given ones, that have source rows. */
export async function readIdsWithSource(session: Session, ids: readonly number[]): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const rows = await session.query<{ id: number }>(
    `SELECT i.id FROM unnest($1::int[]) AS i (id) WHERE EXISTS (SELECT 1 FROM cmc_price_histories7 h WHERE h.id = i.id)`,
    [[...ids]],
  );
  return new Set(rows.map(({ id }) => id));
}

/** For each of these ids that has no daily bars yet, the number of its source rows. */
export async function countUnbuiltRows(
  session: Session,
  ids: readonly number[],
): Promise<{ readonly id: number; readonly days: number }[]> {
  const built = await session.query<{ id: number }>('SELECT id FROM cmc_price_bars_1d_state');
  const known = new Set(built.map(({ id }) => id));
  const unbuilt = ids.filter((id) => !known.has(id));
  if (unbuilt.length === 0) return [];
  return session.query(
    `SELECT h.id, count(*) AS days FROM cmc_price_histories7 h WHERE h.id = ANY($1::int[]) GROUP BY h.id ORDER BY h.id`,
    [unbuilt],
  );
}

/** The tables of bars and EMAs; `…_u` is the union of several tables. */
const DERIVED = ['cmc_price_bars_1d', 'cmc_price_bars_1d_rejects', 'cmc_price_bars_multi_tf_u', 'cmc_ema_multi_tf_u'];

/** The ids, among the given ones, that have stored bars, rejects of source rows or EMAs, regardless of the states. */
export async function readIdsWithDerived(session: Session, ids: readonly number[]): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const parts = DERIVED.map((table) => `SELECT id FROM ${table} WHERE id = ANY($1::int[])`);
  const rows = await session.query<{ id: number }>(parts.join(' UNION '), [[...ids]]);
  return new Set(rows.map(({ id }) => id));
}

/** Close instants and closes of one id with `fromTs ≤ timestamp ≤ untilTs`, ascending; NaN is NULL. */
export async function readSourceCloses(
  session: Session,
  id: number,
  fromTs: number,
  untilTs: number,
): Promise<{ ts: Float64Array; close: Float64Array }> {
  const fields = [...required('timestamptz', 'timestamp'), ...nullable('float8', 'close')];
  const stretch = `"timestamp" BETWEEN ${instantSql(fromTs)} AND ${instantSql(untilTs)}`;
  const tail = `WHERE id = ${idSql(id)} AND ${stretch} ORDER BY "timestamp"`;
  const rows = await copyTable(session, { table: SOURCE.table, fields }, tail);
  return { ts: rows.number('timestamp'), close: rows.number('close') };
}

/** Facts about the source of one id. Instants outside the years 0001 to 9999 are ignored; NaN if there are no others. */
export interface SourceFacts {
  /** First close instant, epoch ms. */
  readonly firstTs: number;
  /** Newest load time, epoch ms. */
  readonly maxLoadTs: number;
}

const IS_COUNTED = `NOT ${isBeyondSql('"timestamp"')}`;
const FACTS: RowColumns<SourceFacts> = {
  firstTs: ['timestamptz', `min("timestamp") FILTER (WHERE ${IS_COUNTED})`],
  maxLoadTs: ['timestamptz', `max(load_ts) FILTER (WHERE ${IS_COUNTED} AND NOT ${isBeyondSql('load_ts')})`],
};

/** Reads the whole source of one id for its first instant and newest load time. */
export async function readSourceFacts(session: Session, id: number): Promise<SourceFacts> {
  const select = (columns: string) => `SELECT ${columns} FROM cmc_price_histories7 WHERE id = ${idSql(id)}`;
  const [facts] = await readObjects(session, 'source facts', FACTS, select);
  return facts;
}
