import { canonicalZone, EVERY_DAY, type TradingDays } from '@ta/bars-core/engine';
import { readNewestDays, readTradingDays, type Session } from '@ta/state-store';
import type { ValidationRequest } from './request.ts';
import { allRows, type JsonRow } from './sql/json-rows.ts';
import { ASSET_TABLES, gapsSql, idsInGapsSql } from './sql/row-selection.ts';

/** What the validation knows of one asset before it starts. */
export interface AssetFacts {
  readonly id: number;
  /** Whether it is in `dim_assets`. */
  readonly isKnown: boolean;
  readonly isActive: boolean;
  readonly hasSource: boolean;
  readonly hasDaily: boolean;
  /** Whether the daily bars have a state row. */
  readonly hasState: boolean;
  /** IANA zone of its civil days; UTC where the state names none that exists. */
  readonly zone: string;
  /** Rules by which the days of its daily bars were decided; null where the state names none. */
  readonly dayRules: string | null;
  /** Its close rule and its trading days. */
  readonly trading: TradingDays;
  /** By which close rule, weekdays and holidays its bars were built, as text; null for the default. */
  readonly builtTradingDays: string | null;
  /** Newest daily bar according to the state, epoch ms, or null. */
  readonly lastSourceTs: number | null;
  /** Newest daily bar that is not more than a day ahead of the clock of the validation, epoch ms, or null. */
  readonly notAheadTs: number | null;
  /** How much of the time since then lies on days without trading, milliseconds. */
  readonly restingMs: number;
  /** Instant of the first of its newest `fastRows` daily bars, epoch ms; −Infinity when it has fewer, or no state. */
  readonly fastFromTs: number;
  /** The same for its newest `fastReadRows` daily bars. */
  readonly fastReadFromTs: number;
}

const [SOURCE, DAILY, STATE] = ['cmc_price_histories7', 'cmc_price_bars_1d', 'cmc_price_bars_1d_state'];

/**
 * Facts of every selected id, ascending: of the ids in `dim_assets`, and of those that have rows in any table. Each table is
 * queried by itself, since tables may be on different servers.
 */
export async function readAssetFacts(session: Session, request: ValidationRequest): Promise<AssetFacts[]> {
  const wanted = request.ids === null ? 'true' : `id IN (${[...request.ids, -1].join(', ')})`;
  const assets = byId(await allRows(session, `SELECT id, is_active FROM dim_assets WHERE ${wanted}`));
  const states = byId(
    await allRows(
      session,
      `SELECT id, tz, day_rules, trading_days, extract(epoch FROM last_src_ts) * 1000 AS last_src_ts,
         ${newestSql(request.fastRows)} AS fast_from, ${newestSql(request.fastReadRows)} AS fast_read_from,
         EXISTS (SELECT 1 FROM ${DAILY} b WHERE b.id = s.id) AS has_daily
       FROM ${STATE} s WHERE ${wanted}`,
    ),
  );
  const known = ascending([...assets.keys(), ...states.keys()]);
  const strangers = await strangerIds(session, known, request.ids);
  const ids = ascending([...known, ...strangers]);
  const sources = await idsWithSource(session, ids);
  const daily = await idsAmong(
    session,
    DAILY,
    ids.filter((id) => !states.has(id)),
  );
  const newest = await readNewestDays(session, request.asOfTs, ids);
  const trading = await readTradingDays(session, ids);
  return ids.map((id) => {
    const [asset, state] = [assets.get(id), states.get(id)];
    return {
      id,
      isKnown: asset !== undefined,
      isActive: asset?.['is_active'] === true,
      hasSource: sources.has(id),
      hasDaily: state?.['has_daily'] === true || daily.has(id),
      hasState: state !== undefined,
      zone: knownZone(state?.['tz']),
      dayRules: (state?.['day_rules'] as string | null | undefined) ?? null,
      trading: trading.get(id) ?? EVERY_DAY,
      builtTradingDays: (state?.['trading_days'] as string | null | undefined) ?? null,
      lastSourceTs: finiteOrNull(state?.['last_src_ts']),
      notAheadTs: newest.get(id)?.notAheadTs ?? null,
      restingMs: newest.get(id)?.restingMs ?? 0,
      fastFromTs: finiteOrNull(state?.['fast_from']) ?? -Infinity,
      fastReadFromTs: finiteOrNull(state?.['fast_read_from']) ?? -Infinity,
    };
  });
}

/** Ids that have rows, but are neither in `dim_assets` nor in the state of the daily bars. */
async function strangerIds(session: Session, known: readonly number[], wanted: readonly number[] | null) {
  const tables = ASSET_TABLES.filter((table) => table !== STATE);
  const rows = await allRows(session, `WITH ${gapsSql(known, wanted)} ${tables.map(idsInGapsSql).join(' UNION ')}`);
  return rows.map((row) => row['id'] as number);
}

async function idsWithSource(session: Session, ids: readonly number[]): Promise<ReadonlySet<number>> {
  const select = `SELECT i.id FROM unnest('{${ids.join(',')}}'::int[]) AS i (id)
    WHERE EXISTS (SELECT 1 FROM ${SOURCE} h WHERE h.id = i.id)`;
  return new Set(byId(await allRows(session, select)).keys());
}

/** Which of a few ids a table holds rows of. */
async function idsAmong(session: Session, table: string, ids: readonly number[]): Promise<ReadonlySet<number>> {
  if (ids.length === 0) return new Set();
  return new Set(
    byId(await allRows(session, `SELECT DISTINCT id FROM ${table} WHERE id IN (${ids.join(', ')})`)).keys(),
  );
}

function byId(rows: readonly JsonRow[]): Map<number, JsonRow> {
  return new Map(rows.map((row) => [row['id'] as number, row]));
}

function ascending(ids: readonly number[]): number[] {
  return [...new Set(ids)].sort((a, b) => a - b);
}

/** Instant of the `count`-th newest daily bar of `s.id` in epoch ms; NULL when there are fewer. */
function newestSql(count: number): string {
  return `(SELECT extract(epoch FROM b."timestamp") * 1000 FROM ${DAILY} b WHERE b.id = s.id
    ORDER BY b."timestamp" DESC OFFSET ${count - 1} LIMIT 1)`;
}

/** The canonical name of a zone, or UTC for a name that is not a zone. */
function knownZone(zone: unknown): string {
  return (typeof zone === 'string' ? zoneOrNull(zone) : null) ?? 'UTC';
}

/** The canonical name of a zone, or null for a name that is not a zone. */
export function zoneOrNull(zone: string): string | null {
  try {
    return canonicalZone(zone);
  } catch {
    return null;
  }
}

function finiteOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
