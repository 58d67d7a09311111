import type { Database, Session } from './connect/database.ts';
import { idSql } from './sql-conditions.ts';

/** Progress of a conversion; `rows` names the kind of rows. */
export type ConversionObserver = (progress: {
  rows: 'EMAs' | 'bars';
  id: number;
  isKept: boolean;
  done: number;
  all: number;
}) => void;

/** A conversion of rows of an earlier version into the tables of this one, between two migrations. */
export interface Conversion {
  readonly rows: 'EMAs' | 'bars';
  /** The migration that drops the old tables; the conversion has to be complete before it. */
  readonly switchTag: string;
  /** Partitioned parent of the old tables; its rows have an `id`. */
  readonly oldTable: string;
  /** Table of the assets already converted, `(id, is_kept)`; it exists until the old tables are dropped. */
  readonly record: string;
  /** Called first: gives the new tables as many partitions as the old ones have. */
  readonly prepare: (tx: Session) => Promise<void>;
  /** Statements that convert an asset; `$id` is replaced by its id. */
  readonly convert: readonly string[];
  /** A query with the column `different`: old rows that the new ones do not reproduce bit for bit, plus additional new rows. */
  readonly compare: string;
  /** Statements that delete the new rows of an asset, and its states, so that the next refresh rebuilds it. */
  readonly discard: readonly string[];
}

/** Whether a database has rows of an earlier version that have to be converted before the switch. */
export async function isToConvert(session: Session, { oldTable }: Conversion): Promise<boolean> {
  const [{ found }] = await session.query<{ found: boolean }>(`SELECT EXISTS (SELECT FROM ${oldTable}) AS found`);
  return found;
}

/**
 * Converts the rows of an earlier version, one transaction per asset, and compares every bit of the result. The old
 * tables are only read, and stay until the next migration drops them, so after an interruption the call can simply be repeated.
 * An asset whose new rows differ from its old ones (rows or values are missing, or derived values do not match) is not
 * kept: its state is reset, so that the next refresh rebuilds it.
 *
 * @param lock called first in each transaction, since another program may be converting too
 */
export async function convertAssets(
  database: Database,
  conversion: Conversion,
  lock: (tx: Session) => Promise<unknown>,
  observe?: ConversionObserver,
): Promise<void> {
  /** Undefined when another program has completed the conversion in the meantime. */
  const step = <T>(work: (tx: Session) => Promise<T>): Promise<T | undefined> =>
    database.transaction(async (tx) => {
      await lock(tx);
      const [{ isUnderWay }] = await tx.query<{ isUnderWay: boolean }>(
        'SELECT to_regclass($1) IS NOT NULL AS "isUnderWay"',
        [conversion.record],
      );
      return isUnderWay ? work(tx) : undefined;
    });
  const ids = await step(async (tx) => {
    await conversion.prepare(tx);
    return idsOf(tx, conversion.oldTable);
  });
  for (const [done, id] of (ids ?? []).entries()) {
    const isKept = await step((tx) => convertAsset(tx, conversion, id));
    if (isKept === undefined || isKept === null) continue;
    observe?.({ rows: conversion.rows, id, isKept, done: done + 1, all: ids?.length ?? 0 });
  }
}

/** How many hash partitions a table has. */
export async function partsOf(tx: Session, table: string): Promise<number> {
  const [{ parts }] = await tx.query<{ parts: number }>(
    'SELECT count(*)::int AS parts FROM pg_inherits WHERE inhparent = $1::text::regclass',
    [table],
  );
  return parts;
}

/** The assets with rows, found with one index lookup per asset and table. */
async function idsOf(tx: Session, parent: string): Promise<number[]> {
  const tables = await tx.query<{ name: string }>(
    'SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = $1::text::regclass',
    [parent],
  );
  const ids = new Set<number>();
  for (const { name } of tables) {
    for (let above = ''; ;) {
      const [next] = await tx.query<{ id: number }>(`SELECT id FROM ${name} ${above} ORDER BY id LIMIT 1`);
      if (next === undefined) break;
      ids.add(next.id);
      above = `WHERE id > ${idSql(next.id)}`;
    }
  }
  return [...ids].sort((a, b) => a - b);
}

/** Converts an asset. @returns whether its rows could be kept; null if it had been converted before */
async function convertAsset(tx: Session, conversion: Conversion, id: number): Promise<boolean | null> {
  const { record, convert, compare, discard } = conversion;
  const known = await tx.query(`SELECT FROM ${record} WHERE id = ${idSql(id)}`);
  if (known.length > 0) return null;
  const run = async (statements: readonly string[]) => {
    for (const sql of statements) await tx.run(sql.replaceAll('$id', idSql(id)));
  };
  // more memory, since the rows of an asset are sorted several times
  await tx.run(`SET LOCAL work_mem = '64MB'`);
  await run(convert);
  const [{ different }] = await tx.query<{ different: number }>(compare.replaceAll('$id', idSql(id)));
  const isKept = different === 0;
  if (!isKept) await run(discard);
  await tx.run(`INSERT INTO ${record} VALUES (${idSql(id)}, ${isKept})`);
  return isKept;
}
