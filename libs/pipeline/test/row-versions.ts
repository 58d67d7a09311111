import type { Session } from '@ta/state-store';
import { CONTENT_TABLES } from './content-digest.ts';
import { storageOf } from './ema-edits.ts';

/** Every table in which a refresh may leave a trace of one id. */
const TABLES = [
  'cmc_price_histories7',
  'cmc_price_histories7_changes',
  'cmc_price_bars_1d_revisions',
  ...CONTENT_TABLES.map(({ table }) => table),
].map(storageOf);

/**
 * Which version of which row each table holds of some ids: place and writing transaction of every row. Equal before and
 * after a run means that the run wrote no row, not even with the same content.
 *
 * @returns by table and id, such as `cmc_ema_state 7`
 */
export async function rowVersions(session: Session, ids: readonly number[]): Promise<ReadonlyMap<string, string>> {
  const selects = TABLES.map(
    (table) => `SELECT '${table} ' || id AS place, count(*) || ' rows, '
        || sum(hashtextextended(tableoid::text || xmin::text || ctid::text, 0)) AS version
      FROM ${table} WHERE id IN (${ids.map(Math.trunc).join(', ')}) GROUP BY id`,
  );
  const rows = await session.query<{ place: string; version: string }>(selects.join('\nUNION ALL '));
  return new Map(rows.map(({ place, version }) => [place, version]));
}

/** What a run touched, as text lines; empty when every row is the version it was. */
export function touchedRows(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const places = [...new Set([...before.keys(), ...after.keys()])].filter(
    (place) => before.get(place) !== after.get(place),
  );
  return places.map((place) => `${place}: ${before.get(place) ?? 'nothing'}, then ${after.get(place) ?? 'nothing'}`);
}
