import { civilDayOfInstant } from '@ta/bars-core/engine';
import type { Session } from '@ta/state-store';
import type { ValidationRequest } from './request.ts';
import { allRows } from './sql/json-rows.ts';
import { ASSET_TABLES, distinctIdsSql } from './sql/row-selection.ts';

/** What the validation knows of one asset before it starts. */
export interface AssetFacts {
  readonly id: number;
  /** Whether it is in `dim_assets`. */
  readonly isKnown: boolean;
  readonly isActive: boolean;
  readonly hasSource: boolean;
  /** IANA zone of its civil days; UTC where the state names none that exists. */
  readonly zone: string;
  /** Newest daily bar according to the state, epoch ms, or null. */
  readonly lastSourceTs: number | null;
  /** First of its newest `fastRows` daily bars, epoch ms; −Infinity when it has fewer. */
  readonly fastFromTs: number;
  /** First of its newest `fastReadRows` daily bars. */
  readonly fastReadFromTs: number;
}

/** Facts of every selected id: those of `dim_assets` and those that any table holds rows of, ascending. */
export async function readAssetFacts(session: Session, request: ValidationRequest): Promise<AssetFacts[]> {
  const wanted = request.ids === null ? 'true' : `id IN (${[...request.ids, -1].join(', ')})`;
  const tables = ['dim_assets', ...ASSET_TABLES].map((table) => `(${distinctIdsSql(table)})`);
  const rows = await allRows(
    session,
    `SELECT i.id, a.id IS NOT NULL AS is_known, coalesce(a.is_active, false) AS is_active, s.tz,
       extract(epoch FROM s.last_src_ts) * 1000 AS last_src_ts,
       EXISTS (SELECT FROM cmc_price_histories7 h WHERE h.id = i.id) AS has_source,
       ${newestSql(request.fastRows)} AS fast_from, ${newestSql(request.fastReadRows)} AS fast_read_from
     FROM (SELECT id FROM (${tables.join(' UNION ')}) every WHERE ${wanted}) i
     LEFT JOIN dim_assets a ON a.id = i.id LEFT JOIN cmc_price_bars_1d_state s ON s.id = i.id
     ORDER BY i.id`,
  );
  return rows.map((row) => ({
    id: row['id'] as number,
    isKnown: row['is_known'] as boolean,
    isActive: row['is_active'] as boolean,
    hasSource: row['has_source'] as boolean,
    zone: knownZone(row['tz']),
    lastSourceTs: finiteOrNull(row['last_src_ts']),
    fastFromTs: finiteOrNull(row['fast_from']) ?? -Infinity,
    fastReadFromTs: finiteOrNull(row['fast_read_from']) ?? -Infinity,
  }));
}

/** Instant of the `count`-th newest daily bar of `i.id` in epoch ms; NULL when there are fewer. */
function newestSql(count: number): string {
  return `(SELECT extract(epoch FROM b."timestamp") * 1000 FROM cmc_price_bars_1d b WHERE b.id = i.id
    ORDER BY b."timestamp" DESC OFFSET ${count - 1} LIMIT 1)`;
}

/** A zone the platform knows, or UTC. */
function knownZone(zone: unknown): string {
  return typeof zone === 'string' && isZone(zone) ? zone : 'UTC';
}

/** Whether the platform knows a zone. */
export function isZone(zone: string): boolean {
  try {
    civilDayOfInstant(zone);
    return true;
  } catch {
    return false;
  }
}

function finiteOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
