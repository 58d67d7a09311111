import type { BarFamily } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import { quoteLiteral } from '../copy/layout.ts';
import { BAR_TABLES } from '../tables/bar-tables.ts';
import { EMA_STATE_LAYOUT, type EmaTable } from '../tables/ema-tables.ts';
import { beyondAs, nullable, required } from '../tables/keyed-table.ts';
import { isEditedSql } from '../tables/state-seal.ts';
import { copyQuery, whereIds } from './copy-select.ts';

/**
 * What the states of some timeframes of one asset and table say, and say alike. Instants are epoch ms, NaN where there is
 * none; stamps (`…AtMs`, `resetStampMs`) are compared for equality only.
 */
export interface StateGroup {
  readonly tfs: readonly string[];
  /** Whether specification (of bars), or parameters and periods (of EMAs), are those expected. */
  readonly isAsSpecified: boolean;
  /** Whether what they say is not what was written. */
  readonly isEdited: boolean;
  /** IANA zone of bars; empty for EMAs. */
  readonly zone: string;
  /** Build of the daily bars that was read, and the last revision of it applied. */
  readonly dailyBuiltAtMs: number;
  readonly dailyRevision: number;
  /** Newest daily row processed. */
  readonly lastTs: number;
  /** Last build from nothing of the bars: of these, or of those that these EMAs read. */
  readonly barsBuiltAtMs: number;
  /** Stamp of the asset's row in `cmc_ema_refresh_state` when EMAs were built; NaN for bars. */
  readonly resetStampMs: number;
}

/** What the states of up-to-date bars and EMAs say, by timeframe. */
export interface ExpectedStates {
  readonly specs: Readonly<Record<BarFamily, ReadonlyMap<string, string>>>;
  /** `params_hash`, per EMA table; a table that is left out is not asked for. */
  readonly paramsHashes: ReadonlyMap<EmaTable, ReadonlyMap<string, string>>;
  /** Ascending. */
  readonly periods: readonly number[];
}

/** States of one asset, by table. */
export interface AssetStates {
  readonly bars: ReadonlyMap<BarFamily, readonly StateGroup[]>;
  readonly emas: ReadonlyMap<EmaTable, readonly StateGroup[]>;
}

const FIELDS = [
  ...required('int4', 'id'),
  ...required('bool', 'is_ema'),
  ...required('text', 'source', 'tz'),
  ...required('bool', 'is_as_specified', 'is_edited'),
  ...beyondAs('unknown', nullable('timestamptz', 'daily_built')),
  ...required('int8', 'revision'),
  ...beyondAs('unknown', nullable('timestamptz', 'last', 'bars_built', 'reset')),
  ...required('text', 'tfs'),
];

const COLUMNS = {
  zone: 'tz',
  dailyBuiltAtMs: 'daily_built',
  dailyRevision: 'revision',
  lastTs: 'last',
  barsBuiltAtMs: 'bars_built',
  resetStampMs: 'reset',
};

/** Between the labels of a group: no label has one. */
const SEPARATOR = '\u001F';

/**
 * The states of bars and EMAs of these ids (all without), in one query. Grouped by the server, so that an asset in step is a row
 * a table: neither single timeframes nor the numbers that resume their folds are sent.
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
  const rows = await copyQuery(session, 'state groups', FIELDS, selects.join(' UNION ALL '));
  const [id, isEma, tfs] = [rows.number('id'), rows.number('is_ema'), rows.text('tfs') as string[]];
  const [isAsSpecified, isEdited] = [rows.number('is_as_specified'), rows.number('is_edited')];
  const source = rows.text('source') as string[];
  const said = rows.objects<Omit<StateGroup, 'tfs' | 'isAsSpecified' | 'isEdited'>>(COLUMNS);
  const states = new Map<number, AssetStates>();
  for (let i = 0; i < rows.length; i++) {
    const flags = { isAsSpecified: isAsSpecified[i] === 1, isEdited: isEdited[i] === 1 };
    const group: StateGroup = { ...said[i], ...flags, tfs: tfs[i].split(SEPARATOR) };
    const asset = states.get(id[i]) ?? { bars: new Map(), emas: new Map() };
    states.set(id[i], asset);
    const tables = (isEma[i] === 1 ? asset.emas : asset.bars) as Map<string, StateGroup[]>;
    tables.set(source[i], [...(tables.get(source[i]) ?? []), group]);
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

/** A list of rows of text as a table in SQL; one that nothing equals when there is none. */
function valuesSql(rows: readonly (readonly string[])[], name: string): string {
  const width = name.split(',').length;
  const all = rows.length > 0 ? rows : [Array.from({ length: width }, () => null)];
  const lines = all.map(
    (row) => `(${row.map((text) => (text === null ? 'NULL::text' : quoteLiteral(text))).join(', ')})`,
  );
  return `(VALUES ${lines.join(', ')}) AS ${name}`;
}
