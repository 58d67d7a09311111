import type { BarFamily } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import { quoteLiteral } from '../copy/layout.ts';
import { BAR_TABLES } from '../tables/bar-tables.ts';
import { EMA_STATE_LAYOUT, type EmaTable } from '../tables/ema-tables.ts';
import { isEditedSql } from '../tables/state-seal.ts';
import { whereIds } from '../sql-conditions.ts';
import { readObjects, type RowColumns } from './copy-select.ts';

/**
 * The values that the states of several timeframes of one asset and table have in common. Instants are epoch ms, NaN if there is
 * none; stamps (`…AtMs`, `resetStampMs`) are only compared for equality.
 */
export interface StateGroup {
  readonly tfs: readonly string[];
  /** Whether the specification (of bars), or the parameters and periods (of EMAs), are the expected ones. */
  readonly isAsSpecified: boolean;
  /**
   * Whether the states were edited after they were written. {@link readStateGroups} detects only edits of the newest row and the
   * revision.
   */
  readonly isEdited: boolean;
  /** IANA zone of bars; empty for EMAs. */
  readonly zone: string;
  /** Stamp of the build of daily bars that was read, and the last applied revision of that build. */
  readonly dailyBuiltAtMs: number;
  readonly dailyRevision: number;
  /** Newest daily row processed. */
  readonly lastTs: number;
  /** Stamp of the last build from scratch, of these bars or of the bars that these EMAs read. */
  readonly barsBuiltAtMs: number;
  /** Stamp of the asset's row in `cmc_ema_refresh_state` when EMAs were built; NaN for bars. */
  readonly resetStampMs: number;
}

/** The values that states of up-to-date bars and EMAs must have, by timeframe. */
export interface ExpectedStates {
  readonly specs: Readonly<Record<BarFamily, ReadonlyMap<string, string>>>;
  /** `params_hash`, per EMA table; absent tables are not read. */
  readonly paramsHashes: ReadonlyMap<EmaTable, ReadonlyMap<string, string>>;
  /** Ascending. */
  readonly periods: readonly number[];
}

/** States of one asset, by table. */
export interface AssetStates {
  readonly bars: ReadonlyMap<BarFamily, readonly StateGroup[]>;
  readonly emas: ReadonlyMap<EmaTable, readonly StateGroup[]>;
}

type GroupRow = Omit<StateGroup, 'tfs'> & { id: number; isEma: boolean; source: string; tfs: string };

const COLUMNS: RowColumns<GroupRow> = {
  id: ['int4', 'id'],
  isEma: ['bool', 'is_ema'],
  source: ['text', 'source'],
  zone: ['text', 'tz'],
  isAsSpecified: ['bool', 'is_as_specified'],
  isEdited: ['bool', 'is_edited'],
  dailyBuiltAtMs: ['timestamptz', 'daily_built'],
  dailyRevision: ['int8', 'revision'],
  lastTs: ['timestamptz', 'last'],
  barsBuiltAtMs: ['timestamptz', 'bars_built'],
  resetStampMs: ['timestamptz', 'reset'],
  tfs: ['text', 'tfs'],
};

/** Separator of the labels of a group; no label contains it. */
const SEPARATOR = '\u001F';

/**
 * Reads the states of bars and EMAs of these ids (by default all) in one query. The server groups them, so that an up-to-date
 * asset gives one row per table; neither single timeframes nor the numbers to resume from are sent.
 */
export async function readStateGroups(
  session: Session,
  expected: ExpectedStates,
  ids?: readonly number[],
): Promise<Map<number, AssetStates>> {
  const families = Object.entries(expected.specs) as [BarFamily, ReadonlyMap<string, string>][];
  const selects = [
    ...families.map(([family, specs]) => barsSql(family, specs, whereIds(ids))),
    ...(expected.paramsHashes.size === 0 ? [] : [emasSql(expected, whereIds(ids))]),
  ];
  const names = Object.values(COLUMNS).map(([, name]) => name);
  const select = (columns: string) => `SELECT ${columns} FROM (${selects.join(' UNION ALL ')}) g (${names.join(', ')})`;
  const states = new Map<number, AssetStates>();
  for (const { id, isEma, source, ...row } of await readObjects(session, 'state groups', COLUMNS, select, 'unknown')) {
    const asset = states.get(id) ?? { bars: new Map(), emas: new Map() };
    states.set(id, asset);
    const tables = (isEma ? asset.emas : asset.bars) as Map<string, StateGroup[]>;
    tables.set(source, [...(tables.get(source) ?? []), { ...row, tfs: row.tfs.split(SEPARATOR) }]);
  }
  return states;
}

function barsSql(family: BarFamily, specs: ReadonlyMap<string, string>, where: string): string {
  const { stateTable, stateLayout } = BAR_TABLES[family];
  const isEdited = isEditedSql(stateLayout);
  return `SELECT s.id, false, ${quoteLiteral(family)}, s.tz, e.tf IS NOT NULL, ${isEdited}, s.src_full_built_at, s.src_revision,
      s.daily_max_seen, s.full_built_at, NULL::timestamptz, string_agg(s.tf, ${quoteLiteral(SEPARATOR)})
    FROM ${stateTable} s
    LEFT JOIN ${valuesSql([...specs], 'e(tf, spec)')} ON e.tf = s.tf AND e.spec = s.spec
    ${where} GROUP BY s.id, s.tz, e.tf IS NOT NULL, ${isEdited}, s.src_full_built_at, s.src_revision, s.daily_max_seen,
      s.full_built_at`;
}

function emasSql({ paramsHashes, periods }: ExpectedStates, where: string): string {
  const specs = [...paramsHashes].flatMap(([table, hashes]) => [...hashes].map(([tf, hash]) => [table, tf, hash]));
  const isEdited = isEditedSql(EMA_STATE_LAYOUT);
  return `SELECT s.id, true, s.alignment_source::text, '', e.tf IS NOT NULL, ${isEdited}, s.daily_full_built_at, s.src_revision,
      s.last_ts, s.bars_full_built_at, s.reset_stamp, string_agg(s.tf, ${quoteLiteral(SEPARATOR)})
    FROM cmc_ema_state s
    LEFT JOIN ${valuesSql(specs, 'e(source, tf, params_hash)')}
      ON e.source::public.ema_alignment_source = s.alignment_source AND e.tf = s.tf AND e.params_hash = s.params_hash
      AND s.periods = '{${periods.join(',')}}'::int4[]
    ${where} GROUP BY s.id, s.alignment_source, e.tf IS NOT NULL, ${isEdited}, s.daily_full_built_at, s.src_revision, s.last_ts,
      s.bars_full_built_at, s.reset_stamp`;
}

/** A list of rows of text as a table in SQL; an empty list gives a row of NULLs, which equals no row. */
function valuesSql(rows: readonly (readonly string[])[], name: string): string {
  const width = name.split(',').length;
  const all = rows.length > 0 ? rows : [Array.from({ length: width }, () => null)];
  const lines = all.map(
    (row) => `(${row.map((text) => (text === null ? 'NULL::text' : quoteLiteral(text))).join(', ')})`,
  );
  return `(VALUES ${lines.join(', ')}) AS ${name}`;
}
