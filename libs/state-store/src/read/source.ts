import type { SourceSeries } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import type { CopyLayout } from '../copy/layout.ts';
import { isBeyondSql } from '../instant-range.ts';
import { beyondAs, nullable, required } from '../tables/keyed-table.ts';
import { andSince, copyQuery, copyTable, idSql, instantSql, whereIds, type FirstInstant } from './copy-select.ts';

/** Source rows of one id, ascending by `ts`; epoch ms UTC, NaN is NULL. */
export type SourceRows = SourceSeries;

const SOURCE: CopyLayout = {
  table: 'cmc_price_histories7',
  fields: [
    ...required('timestamptz', 'timestamp'),
    ...beyondAs('infinite', nullable('timestamptz', 'timeopen', 'timeclose', 'timehigh', 'timelow')),
    ...nullable('float8', 'open', 'high', 'low', 'close', 'volume', 'marketcap'),
    ...beyondAs('infinite', required('timestamptz', 'load_ts')),
    ...nullable('text', 'name', 'source_file'),
  ],
};

/**
 * Source rows of one id in one read, ascending by `timestamp`. Rows whose `timestamp` is outside the years 0001 to
 * 9999 are left out: `recordRowsBeyond` makes rejects of them. Other instants out there are ±Infinity.
 */
export async function readSourceRows(
  session: Session,
  id: number,
  first: FirstInstant = { fromTs: Number.NEGATIVE_INFINITY },
): Promise<SourceRows> {
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

/** Which of these ids the source has rows of. */
export async function readIdsWithSource(session: Session, ids: readonly number[]): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const rows = await session.query<{ id: number }>(
    `SELECT i.id FROM unnest($1::int[]) AS i (id) WHERE EXISTS (SELECT 1 FROM cmc_price_histories7 h WHERE h.id = i.id)`,
    [[...ids]],
  );
  return new Set(rows.map(({ id }) => id));
}

/** How many source rows each of these ids has that has no daily bars yet. */
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

/** The tables of bars and EMAs, each standing for those that it unites, by the statement that asks for ids in it. */
const WITH_DERIVED = [
  `SELECT DISTINCT id FROM cmc_price_bars_1d WHERE id = ANY($1::int[])`,
  `SELECT DISTINCT id FROM cmc_price_bars_1d_rejects WHERE id = ANY($1::int[])`,
  `SELECT DISTINCT id FROM cmc_price_bars_multi_tf_u WHERE id = ANY($1::int[])`,
  `SELECT DISTINCT id FROM cmc_ema_multi_tf_u WHERE id = ANY($1::int[])`,
];

/** Of which of these ids bars, rejects of source rows or EMAs are stored, whatever the states say. */
export async function readIdsWithDerived(session: Session, ids: readonly number[]): Promise<Set<number>> {
  const found = new Set<number>();
  if (ids.length === 0) return found;
  for (const sql of WITH_DERIVED) {
    for (const { id } of await session.query<{ id: number }>(sql, [[...ids]])) found.add(id);
  }
  return found;
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

/** What the source holds of one id. */
export interface SourceFacts {
  readonly id: number;
  readonly rows: number;
  /** First and last close instant, epoch ms; of these and the next, instants outside the years 0001 to 9999 do not count: NaN without any other. */
  readonly firstTs: number;
  readonly lastTs: number;
  /** Newest load time, epoch ms. */
  readonly maxLoadTs: number;
}

/**
 * Count, range and newest load time of the source per id, in one grouped query (docs/state-management.md). Reads the whole source
 * of the ids: for checks, not for deciding what to refresh.
 * @param ids the ids wanted; all without. Ids without rows are absent from the answer
 */
export async function readSourceFacts(session: Session, ids?: readonly number[]): Promise<SourceFacts[]> {
  const isCounted = `WHERE NOT ${isBeyondSql('"timestamp"')}`;
  const rows = await copyQuery(
    session,
    'source facts',
    [...required('int4', 'id'), ...required('int8', 'rows'), ...nullable('timestamptz', 'first', 'last', 'load')],
    `SELECT id, count(*), min("timestamp") FILTER (${isCounted}), max("timestamp") FILTER (${isCounted}),
       max(load_ts) FILTER (${isCounted} AND NOT ${isBeyondSql('load_ts')})
     FROM cmc_price_histories7 ${whereIds(ids)} GROUP BY id ORDER BY id`,
  );
  return rows.objects<SourceFacts>({ id: 'id', rows: 'rows', firstTs: 'first', lastTs: 'last', maxLoadTs: 'load' });
}
