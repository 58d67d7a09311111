import { quoteLiteral } from './copy/layout.ts';
import { StoreError } from './errors.ts';
import { instantText } from './instant-text.ts';

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

/** The beginning of a range of rows: at an instant (epoch ms), or after it; −Infinity for all rows. */
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

/** `AND tf …` for some timeframes, or nothing for all of them. */
export function andTfs(tfs: readonly string[] | undefined): string {
  return tfs === undefined ? '' : `AND tf = ANY (ARRAY[${tfs.map(quoteLiteral).join(', ')}]::text[])`;
}

/** `WHERE id IN (…)`, or nothing for all ids; an empty list selects no rows. */
export function whereIds(ids: readonly number[] | undefined): string {
  if (ids === undefined) return '';
  return ids.length === 0 ? 'WHERE false' : `WHERE id IN (${ids.map(idSql).join(', ')})`;
}
