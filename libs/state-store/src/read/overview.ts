import type { BarFamily } from '@ta/bars-core';
import type { Session } from '../connect/database.ts';
import type { ColumnTable } from '../copy/column-table.ts';
import { BAR_TABLES } from '../tables/bar-tables.ts';
import { EMA_TABLES, type EmaTable } from '../tables/ema-tables.ts';
import { nullable, required } from '../tables/keyed-table.ts';
import { readChanges } from './changes.ts';
import { copyQuery, nullIfNaN } from './copy-select.ts';
import { readEmaRefreshStates } from './ema-states.ts';

/** Least and greatest value over the timeframes of an id: equal when all agree. */
export type Extremes = readonly [number | null, number | null];

/** Daily state in short. */
export interface DailyOverview {
  readonly zone: string;
  readonly fullBuiltAtMs: number;
  readonly revision: number;
  /** Newest stored daily bar, epoch ms. */
  readonly lastSourceTs: number | null;
}

/** State of one id in one bar family, over its timeframes. */
export interface BarsOverview {
  /** MD5 of the lines `tf=spec` in key order, joined by a line feed. */
  readonly digest: string;
  readonly sourceBuiltAtMs: Extremes;
  readonly sourceRevision: Extremes;
  readonly dailyMaxTs: Extremes;
  readonly zone: readonly [string, string];
  readonly newestBuiltAtMs: number;
}

/** State of one id in one EMA table, over its timeframes. */
export interface EmasOverview {
  /** MD5 of the lines `tf=params_hash=periods` in key order, joined by a line feed; periods are joined by a comma. */
  readonly digest: string;
  readonly dailyBuiltAtMs: Extremes;
  readonly sourceRevision: Extremes;
  readonly lastTs: Extremes;
  readonly resetStampMs: Extremes;
  readonly newestBarsBuiltAtMs: number | null;
}

/** State of all ids in short: enough to tell who has work without reading any history. */
export interface Overview {
  readonly daily: ReadonlyMap<number, DailyOverview>;
  /** Ids with logged source changes. */
  readonly changed: ReadonlySet<number>;
  readonly bars: Readonly<Record<BarFamily, ReadonlyMap<number, BarsOverview>>>;
  readonly emas: Readonly<Record<EmaTable, ReadonlyMap<number, EmasOverview>>>;
  /** Stamps of the `cmc_ema_refresh_state` rows. */
  readonly resetStamps: ReadonlyMap<number, number>;
}

/** Reads the overview in nine grouped queries, however many ids and timeframes there are. */
export async function readOverview(session: Session): Promise<Overview> {
  const changes = await readChanges(session);
  const resets = await readEmaRefreshStates(session);
  return {
    daily: await readDaily(session),
    changed: new Set(changes.map(({ id }) => id)),
    bars: {
      multi_tf: await readBars(session, 'multi_tf'),
      cal_iso: await readBars(session, 'cal_iso'),
      cal_us: await readBars(session, 'cal_us'),
      cal_anchor_iso: await readBars(session, 'cal_anchor_iso'),
      cal_anchor_us: await readBars(session, 'cal_anchor_us'),
    },
    emas: await readEmas(session),
    resetStamps: new Map(resets.map(({ id, builtAtMs }) => [id, builtAtMs])),
  };
}

async function readDaily(session: Session): Promise<Map<number, DailyOverview>> {
  const rows = await copyQuery(
    session,
    'daily overview',
    [
      ...required('int4', 'id'),
      ...required('text', 'tz'),
      ...required('timestamptz', 'built_at'),
      ...required('int8', 'revision'),
      ...nullable('timestamptz', 'last'),
    ],
    'SELECT id, tz, full_built_at, revision, last_src_ts FROM cmc_price_bars_1d_state',
  );
  const zone = rows.text('tz');
  const [builtAt, revision, last] = [rows.number('built_at'), rows.number('revision'), rows.number('last')];
  return byId(rows, (i) => ({
    zone: zone[i] as string,
    fullBuiltAtMs: builtAt[i],
    revision: revision[i],
    lastSourceTs: nullIfNaN(last[i]),
  }));
}

async function readBars(session: Session, family: BarFamily): Promise<Map<number, BarsOverview>> {
  const rows = await copyQuery(
    session,
    'bars overview',
    [
      ...required('int4', 'id'),
      ...required('text', 'digest', 'least_zone', 'greatest_zone'),
      ...required('timestamptz', 'least_built', 'greatest_built'),
      ...required('int8', 'least_revision', 'greatest_revision'),
      ...nullable('timestamptz', 'least_daily', 'greatest_daily'),
      ...required('timestamptz', 'newest'),
    ],
    `SELECT id, md5(string_agg(tf || '=' || spec, E'\\n' ORDER BY tf)), min(tz), max(tz),
       min(src_full_built_at), max(src_full_built_at), min(src_revision), max(src_revision),
       min(daily_max_seen), max(daily_max_seen), max(full_built_at)
     FROM ${BAR_TABLES[family].stateTable} GROUP BY id`,
  );
  const [digest, leastZone, greatestZone] = ['digest', 'least_zone', 'greatest_zone'].map((name) => rows.text(name));
  const newest = rows.number('newest');
  const [built, revision, daily] = ['built', 'revision', 'daily'].map((name) => extremesOf(rows, name));
  return byId(rows, (i) => ({
    digest: digest[i] as string,
    sourceBuiltAtMs: built(i),
    sourceRevision: revision(i),
    dailyMaxTs: daily(i),
    zone: [leastZone[i] as string, greatestZone[i] as string] as const,
    newestBuiltAtMs: newest[i],
  }));
}

async function readEmas(session: Session): Promise<Record<EmaTable, Map<number, EmasOverview>>> {
  const rows = await copyQuery(
    session,
    'emas overview',
    [
      ...required('int4', 'id'),
      ...required('text', 'source', 'digest'),
      ...nullable('timestamptz', 'least_built', 'greatest_built'),
      ...required('int8', 'least_revision', 'greatest_revision'),
      ...nullable('timestamptz', 'least_last', 'greatest_last', 'least_reset', 'greatest_reset', 'newest'),
    ],
    `SELECT id, alignment_source::text,
       md5(string_agg(tf || '=' || params_hash || '=' || array_to_string(periods, ','), E'\\n' ORDER BY tf)),
       min(daily_full_built_at), max(daily_full_built_at), min(src_revision), max(src_revision),
       min(last_ts), max(last_ts), min(reset_stamp), max(reset_stamp), max(bars_full_built_at)
     FROM cmc_ema_state GROUP BY id, alignment_source`,
  );
  const [id, newest] = [rows.number('id'), rows.number('newest')];
  const [source, digest] = [rows.text('source'), rows.text('digest')];
  const [built, revision, last, reset] = ['built', 'revision', 'last', 'reset'].map((name) => extremesOf(rows, name));
  const tables = Object.keys(EMA_TABLES).map((table) => [table, new Map<number, EmasOverview>()]);
  const byTable = Object.fromEntries(tables) as Record<EmaTable, Map<number, EmasOverview>>;
  for (let i = 0; i < rows.length; i++) {
    byTable[source[i] as EmaTable].set(id[i], {
      digest: digest[i] as string,
      dailyBuiltAtMs: built(i),
      sourceRevision: revision(i),
      lastTs: last(i),
      resetStampMs: reset(i),
      newestBarsBuiltAtMs: nullIfNaN(newest[i]),
    });
  }
  return byTable;
}

function extremesOf(rows: ColumnTable, name: string): (i: number) => Extremes {
  const [least, greatest] = [rows.number(`least_${name}`), rows.number(`greatest_${name}`)];
  return (i) => [nullIfNaN(least[i]), nullIfNaN(greatest[i])];
}

function byId<T>(rows: ColumnTable, at: (i: number) => T): Map<number, T> {
  return new Map(Array.from(rows.number('id'), (id, i) => [id, at(i)]));
}
