import type { Session } from '../connect/database.ts';
import type { ShownRows } from './wanted.ts';

/** Returns those of the ids that are not in `dim_assets`. */
export async function unknownAssets(session: Session, ids: readonly number[]): Promise<number[]> {
  if (ids.length === 0) return [];
  const rows = await session.query<{ id: number }>('SELECT id FROM dim_assets WHERE id = ANY ($1::int[])', [[...ids]]);
  const known = new Set(rows.map(({ id }) => id));
  return ids.filter((id) => !known.has(id));
}

/** Every asset with its names, its trading rules, and the number and time range of its source rows; by id. */
export function listAssets(session: Session): Promise<ShownRows> {
  return session.query(
    `SELECT a.id, a.name, a.symbol, a.is_active AS active, s.rows, s.first, s.last, a.is_close_only AS close_only,
       a.close_rule, a.trading_weekdays AS weekdays, a.holiday_calendar AS holidays
     FROM dim_assets a LEFT JOIN (
       SELECT id, count(*) AS rows, min("timestamp") AS first, max("timestamp") AS last FROM cmc_price_histories7 GROUP BY id
     ) s ON s.id = a.id ORDER BY a.id`,
  );
}

/** A page of the assets that have a name or daily bars, by id, after the id `after`; the name is null if there is none. */
export function readAssetPage(
  session: Session,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<{ id: number; name: string | null }[]> {
  return session.query(
    `SELECT id, max(name) AS name FROM (
       (SELECT id, name FROM dim_assets WHERE id > $1 ORDER BY id LIMIT $2)
       UNION ALL (SELECT id, NULL FROM cmc_price_bars_1d_state WHERE id > $1 ORDER BY id LIMIT $2)
     ) known GROUP BY id ORDER BY id LIMIT $2`,
    [after, limit],
  );
}

/** Ids that are in `dim_assets` or have daily bars, ascending. */
export async function readIdsOfAssets(session: Session): Promise<number[]> {
  const rows = await session.query<{ id: number }>(
    'SELECT id FROM dim_assets UNION SELECT id FROM cmc_price_bars_1d_state ORDER BY id',
  );
  return rows.map(({ id }) => id);
}
