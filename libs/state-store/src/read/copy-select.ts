import type { Session } from '../connect/database.ts';
import type { ColumnTable } from '../copy/column-table.ts';
import { decodeCopy } from '../copy/decode.ts';
import { copyOutSql, quoteLiteral, type CopyField, type CopyLayout } from '../copy/layout.ts';
import { StoreError } from '../errors.ts';
import { instantText } from '../instant-text.ts';

/** Reads columns of a table through binary COPY; `tail` is the SQL after FROM, made of literals of this file only. */
export async function copyTable(session: Session, layout: CopyLayout, tail: string): Promise<ColumnTable> {
  return decodeCopy(layout, session.copyOut(copyOutSql(layout, tail)));
}

/**
 * Reads the result of a SELECT through binary COPY. Stamps (instants with microseconds that are compared for equality)
 * are always read this way, so that one instant is one number everywhere.
 */
export async function copyQuery(
  session: Session,
  name: string,
  fields: readonly CopyField[],
  select: string,
): Promise<ColumnTable> {
  return decodeCopy({ table: name, fields }, session.copyOut(`COPY (${select}) TO STDOUT WITH (FORMAT binary)`));
}

/** An asset id as SQL. @throws StoreError `STORE_RANGE` when it is not a 32-bit integer */
export function idSql(id: number): string {
  if (!Number.isInteger(id) || Math.abs(id) > 2_147_483_647) {
    throw new StoreError('STORE_RANGE', `Asset id ${id} is not a 32-bit integer.`);
  }
  return String(id);
}

/** An instant (epoch ms, ±Infinity allowed) as SQL. */
export function instantSql(epochMs: number): string {
  return `timestamptz ${quoteLiteral(instantText(epochMs))}`;
}

/** Where rows begin: at an instant (epoch ms), or after it. −Infinity is everything. */
export type FirstInstant = { readonly fromTs: number } | { readonly afterTs: number };

/** {@link FirstInstant} as `AND column …`, or nothing for everything. */
export function andSince(column: string, first: FirstInstant): string {
  if ('fromTs' in first) return andFrom(column, first.fromTs);
  return first.afterTs === -Infinity ? '' : `AND ${column} > ${instantSql(first.afterTs)}`;
}

/** `AND column >= instant` or nothing when the bound is absent or −Infinity. */
export function andFrom(column: string, fromTs: number | undefined): string {
  return fromTs === undefined || fromTs === -Infinity ? '' : `AND ${column} >= ${instantSql(fromTs)}`;
}

/** `AND column < instant` or nothing when the bound is absent or +Infinity. */
export function andBefore(column: string, untilTs: number | undefined): string {
  return untilTs === undefined || untilTs === Infinity ? '' : `AND ${column} < ${instantSql(untilTs)}`;
}

/** NaN as null: the way of plain objects to say "not known". */
export function nullIfNaN(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

/** `WHERE id IN (…)` or nothing for all ids; no ids at all select nothing. */
export function whereIds(ids: readonly number[] | undefined): string {
  if (ids === undefined) return '';
  return ids.length === 0 ? 'WHERE false' : `WHERE id IN (${ids.map(idSql).join(', ')})`;
}

/** Values by key, in their order. */
export function groupedBy<K, V>(values: readonly V[], keyOf: (value: V, index: number) => K): Map<K, V[]> {
  const groups = new Map<K, V[]>();
  for (const [index, value] of values.entries()) {
    const key = keyOf(value, index);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}
