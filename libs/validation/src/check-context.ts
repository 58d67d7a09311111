import {
  BAR_FAMILIES,
  inKeyOrder,
  nearTimeframes,
  timeframesOf,
  toTimeframe,
  type BarFamily,
  type Timeframe,
  type TimeframeRow,
} from '@ta/bars-core/engine';
import { EMA_SOURCES } from '@ta/pipeline';
import {
  BAR_TABLES,
  EMA_TABLES,
  limitStatements,
  readEmaSeriesList,
  readPeriods,
  readPeriodsInForce,
  readTimeframes,
  type BarTable,
  type Database,
  type EmaTable,
  type EmaTableFacts,
  type NumberedEmaSeries,
  type Session,
} from '@ta/state-store';
import { readAssetFacts, type AssetFacts } from './assets.ts';
import { ValidationError } from './errors.ts';
import type { Found } from './finding.ts';
import { acrossAssets, exportSnapshot } from './parallel-assets.ts';
import type { PassTimes } from './pass-times.ts';
import { FAMILIES, type Family, type ValidationRequest } from './request.ts';
import { allRows } from './sql/json-rows.ts';
import { CONTRACT_TABLES, rowSelection, type RowSelection } from './sql/row-selection.ts';
import { readUniqueKeys, type UniqueKeys } from './sql/unique-keys.ts';

/** What every check of one validation shares. All reads see the same snapshot of the database. */
export interface CheckContext {
  readonly session: Session;
  readonly request: ValidationRequest;
  /** Ids of the checks that are run. */
  readonly checks: ReadonlySet<string>;
  /** The selected assets, ascending by id. */
  readonly assets: readonly AssetFacts[];
  /** All rows of `dim_timeframe`. */
  readonly timeframes: readonly TimeframeRow[];
  /** Periods that a run computes, ascending; all of them, whatever was selected. */
  readonly periods: readonly number[];
  /** The selected ones of these periods. */
  readonly selectedPeriods: readonly number[];
  /** All periods that a run computes, and all of `ema_alpha_lookup`. */
  readonly knownPeriods: ReadonlySet<number>;
  /** Whether the daily bars are selected. */
  readonly hasDaily: boolean;
  /** The selected multi-day bar tables, in build order. */
  readonly barTables: readonly BarTable[];
  /** The selected EMA tables, in refresh order. */
  readonly emaTables: readonly EmaTableFacts[];
  readonly rows: RowSelection;
  readonly uniqueKeys: UniqueKeys;
  /** Selected canonical timeframes of a family, in key order (bytewise by label). */
  barTimeframes(family: BarFamily): readonly Timeframe[];
  /** All stored series of an EMA table with their numbers, whatever was selected. */
  emaSeries(table: EmaTable): readonly NumberedEmaSeries[];
  /** Selected canonical timeframes of an EMA table, in key order. */
  emaTimeframes(table: EmaTable): readonly Timeframe[];
  isEmpty(table: string): boolean;
  /** The instants between which rows of derived tables are recomputed, or only read, for one asset. */
  rangeOf(asset: AssetFacts, use: 'recompute' | 'read'): { readonly fromTs: number; readonly untilTs: number };
  /** Runs a task for every selected asset, in parallel where the database can; results in the order of the ids. */
  eachAsset(
    table: string,
    task: (session: Session, asset: AssetFacts) => Promise<readonly Found[]>,
  ): AsyncIterable<Found>;
  /** Throws the reason why the validation shall end, if there is one; called between pieces of work. */
  assertGoesOn(): void;
  /** Measures the time of passes that several checks share. */
  readonly passTimes: PassTimes;
  /** Lets the server cancel statements of this transaction that outlast the validation. */
  limitToTimeLeft(session: Session): Promise<void>;
}

/** What may end a validation early, and who is notified of its progress. */
export interface ValidationLimits {
  readonly signal?: AbortSignal;
  /** Milliseconds left. */
  remainingMs?(): number;
  /** Called with how many assets of a table are done. */
  assetsDone?(table: string, done: number, total: number): void;
}

/** Statements are cancelled a second after the signal, so that the signal ends a check wherever it can. */
const STATEMENT_GRACE_MS = 1_000;

/** Refuses a label that does not exist: it would select no row, and nothing would be found wrong. */
function assertTimeframes(tfs: readonly string[], known: readonly { readonly tf: string }[]): void {
  const unknown = tfs.find((tf) => !known.some((timeframe) => timeframe.tf === tf));
  if (unknown === undefined) return;
  const near = nearTimeframes(
    unknown,
    known.map(({ tf }) => tf),
  );
  throw new ValidationError('VALIDATION_BAD_OPTION', `tfs: "${unknown}" is not a timeframe of dim_timeframe`, {
    hint:
      near.length === 0
        ? 'Write labels as they are there, for instance 7D or 1M_CAL.'
        : `Did you mean ${near.join(', ')}?`,
  });
}

/** Refuses what nothing selected has, for the same reason. */
function assertSelected(
  { tfs, families, periods }: ValidationRequest,
  timeframes: readonly TimeframeRow[],
  storedPeriods: ReadonlySet<number>,
): void {
  const refuse = (what: string, hint: string) => {
    throw new ValidationError('VALIDATION_BAD_OPTION', what, { hint });
  };
  const has = (family: Family) => families === null || families.includes(family);
  const labels = new Set(has('1d') || has('multi_tf') || has('v2') ? ['1D'] : []);
  // a row of the catalogue that nobody builds may be invalid; without tfs nothing needs it
  for (const family of tfs === null ? [] : BAR_FAMILIES) {
    // the EMAs v2 have the timeframes of multi_tf
    if (!has(family) && !(family === 'multi_tf' && has('v2'))) continue;
    for (const { tf } of timeframesOf(family, timeframes, { includeNonCanonical: true })) labels.add(tf);
  }
  const foreign = tfs?.find((tf) => !labels.has(tf));
  if (foreign !== undefined)
    refuse(`tfs: no selected family has "${foreign}"`, `Selected: ${(families ?? FAMILIES).join(', ')}`);
  const unknown = periods?.find((period) => !storedPeriods.has(period));
  if (unknown !== undefined) {
    refuse(
      `periods: ${unknown} is not an EMA period of this database`,
      `Periods: ${[...storedPeriods].sort((a, b) => a - b).join(', ')}`,
    );
  }
}

/** Reads what the checks share. The session must be in a read-only transaction that keeps one snapshot. */
export async function openCheckContext(
  database: Database,
  session: Session,
  request: ValidationRequest,
  { checks, passTimes, limits }: Pick<CheckContext, 'checks' | 'passTimes'> & { readonly limits: ValidationLimits },
): Promise<CheckContext> {
  const limitToTimeLeft = async (limited: Session) => {
    if (limits.remainingMs === undefined) return;
    await limitStatements(limited, Math.max(1, Math.ceil(limits.remainingMs())) + STATEMENT_GRACE_MS);
  };
  await limitToTimeLeft(session);
  const snapshot = await exportSnapshot(session, request.concurrency);
  const assets = await readAssetFacts(session, request);
  const timeframes = await readTimeframes(session);
  assertTimeframes(request.tfs ?? [], timeframes);
  const isWindowed = request.profile === 'fast';
  const isSelected = (family: Family) => request.families === null || request.families.includes(family);
  const isTfSelected = ({ tf }: { readonly tf: string }) => request.tfs === null || request.tfs.includes(tf);
  const byFamily = new Map(
    BAR_FAMILIES.map((family) => [family, inKeyOrder(timeframesOf(family, timeframes).filter(isTfSelected))]),
  );
  const barTimeframes = (family: BarFamily) => byFamily.get(family) as readonly Timeframe[];
  const daily = timeframes.filter((row) => row.tf === '1D' && row.isCanonical && isTfSelected(row)).map(toTimeframe);
  const empty = await emptyTables(session);
  const series = await readEmaSeriesList(session);
  const periods = await readPeriodsInForce(session);
  const emaSeries = (table: EmaTable) => series.filter((one) => one.table === table);
  const knownPeriods = new Set([...periods, ...(await readPeriods(session))]);
  const emaTables = EMA_SOURCES.map(({ table }) => EMA_TABLES[table]).filter(({ barFamily }) =>
    isSelected(barFamily ?? 'v2'),
  );
  const storedPeriods = new Set([...knownPeriods, ...series.flatMap((one) => one.periods)]);
  assertSelected(request, timeframes, storedPeriods);
  return {
    session,
    request,
    checks,
    assets,
    timeframes,
    periods,
    selectedPeriods: periods.filter((period) => request.periods?.includes(period) ?? true),
    knownPeriods,
    hasDaily: isSelected('1d'),
    barTables: BAR_FAMILIES.filter(isSelected).map((family) => BAR_TABLES[family]),
    emaTables,
    rows: rowSelection(
      request,
      isWindowed ? assets.map(({ id, fastReadFromTs }) => ({ id, fromTs: fastReadFromTs })) : null,
      emaSeries,
    ),
    uniqueKeys: await readUniqueKeys(session),
    barTimeframes,
    emaSeries,
    emaTimeframes: (table) => {
      const family = EMA_TABLES[table].barFamily ?? 'multi_tf';
      return family === 'multi_tf' ? inKeyOrder([...daily, ...barTimeframes(family)]) : barTimeframes(family);
    },
    isEmpty: (table) => empty.has(table),
    rangeOf: ({ fastFromTs, fastReadFromTs }, use) => ({
      fromTs: Math.max(request.fromTs, isWindowed ? (use === 'recompute' ? fastFromTs : fastReadFromTs) : -Infinity),
      untilTs: request.untilTs,
    }),
    eachAsset: (table, task) => {
      let done = 0;
      limits.assetsDone?.(table, done, assets.length);
      return acrossAssets(
        { database, session, snapshot, concurrency: request.concurrency, enter: limitToTimeLeft },
        assets,
        async (of, asset) => {
          const found = await task(of, asset);
          limits.assetsDone?.(table, ++done, assets.length);
          return found;
        },
      );
    },
    assertGoesOn: () => limits.signal?.throwIfAborted(),
    passTimes,
    limitToTimeLeft,
  };
}

async function emptyTables(session: Session): Promise<ReadonlySet<string>> {
  const tables = [...CONTRACT_TABLES, 'dim_timeframe', 'ema_alpha_lookup'];
  const selects = tables.map((table) => `SELECT '${table}' AS "table" WHERE NOT EXISTS (SELECT 1 FROM ${table})`);
  return new Set((await allRows(session, selects.join(' UNION ALL '))).map((row) => row['table'] as string));
}
