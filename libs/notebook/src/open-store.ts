import { BAR_FAMILIES, timeframesOf, type BarFamily, type TimeframeRow } from '@ta/bars-core/engine';
import {
  EMA_TABLES,
  openForReading,
  readAssets,
  readBarSeries,
  readEmaSeries,
  readPeriodsInForce,
  readTimeframes,
  resolveDatabaseTarget,
  type AssetRow,
  type BarSeries,
  type Database,
  type EmaColumn,
  type EmaTable,
  type Session,
} from '@ta/state-store';
import { NotebookError } from './errors.ts';
import { assertAllKnown, assertInstants, assertKeys, assertKnown } from './known-names.ts';

/** The families of bars and EMAs: the five families of bars, whose EMAs are over their closes, and `v2`, EMAs over daily closes. */
export type Family = BarFamily | 'v2';

/** The choice of an asset, family, timeframe and period of time that requests for bars and EMAs have in common. */
export interface SeriesRequest<F extends Family = Family> {
  readonly id: number;
  /** `multi_tf` (days: `1D`, `7D` …), `cal_iso`, `cal_us`, `cal_anchor_iso`, `cal_anchor_us`. */
  readonly family: F;
  readonly tf: string;
  /** Only rows that close at or after this instant, epoch ms. */
  readonly fromTs?: number;
  /** Only rows that close before this instant, epoch ms. */
  readonly untilTs?: number;
}

/** The argument of {@link Store.bars}. */
export interface BarsRequest extends SeriesRequest<BarFamily> {
  /**
   * `bars` (default): a row per bar, the last one even while it is open; `closed`: closed bars only; `snapshots`: a row per bar
   * and day, with what was known on that day.
   */
  readonly rows?: 'bars' | 'closed' | 'snapshots';
  /** The largest number of rows; if there are more, the newest are read. */
  readonly limit?: number;
}

/** The argument of {@link Store.emas}. */
export interface EmasRequest extends SeriesRequest {
  readonly periods: readonly number[];
  /** `closed` (default): a row per closed bar; `snapshots`: a row per day, as of that day. */
  readonly rows?: 'closed' | 'snapshots';
  /** Columns of the table to read; default the EMA of closed bars: `ema_bar` in the calendar families, else `ema`. */
  readonly columns?: readonly EmaColumn[];
}

/** EMAs of several periods: a row per close, a column per period. */
export interface Emas {
  readonly length: number;
  /** As `timeClose` of bars: epoch ms UTC, ascending. */
  readonly timeClose: Float64Array;
  /** As `isPartialEnd` of bars: 1 while the bar is open. */
  readonly isPartialEnd: Uint8Array;
  readonly periods: readonly number[];
  /**
   * The values of a period; NaN where there is none.
   * @param column one of the requested columns; default the first
   * @throws NotebookError `NOTEBOOK_UNKNOWN_NAME`
   */
  of(period: number, column?: EmaColumn): Float64Array;
}

/**
 * A database opened to read bars and EMAs; every call is a read-only transaction. A request for something that does not exist
 * fails with an error that names similar things; it never returns undefined or silently no rows.
 */
export interface Store {
  assets(): Promise<AssetRow[]>;
  /** Bars of one asset and timeframe as typed arrays. @throws NotebookError */
  bars(request: BarsRequest): Promise<BarSeries>;
  /** EMAs of one asset and timeframe as typed arrays. @throws NotebookError */
  emas(request: EmasRequest): Promise<Emas>;
  close(): Promise<void>;
}

/**
 * Opens a database for a notebook, by its PostgreSQL URL or by the folder of an embedded one (`.data/pg`, `.demo/pg`). Only one
 * program at a time can have an embedded database open, so close it when you are done. A folder without a database is an error.
 * @throws StoreError
 */
export async function openStore(place: string): Promise<Store> {
  const isUrl = /^postgres(ql)?:/.test(place);
  const choice = isUrl ? { dbUrl: place, env: {} } : { env: { DB_DIR: place } };
  const target = resolveDatabaseTarget({ ...choice, workspaceRoot: process.cwd() });
  const hold = { runId: `notebook-${process.pid}`, command: 'notebook', nowMs: Date.now() };
  const { database, close } = await openForReading(target, hold);
  return { ...storeOf(database), close };
}

/** A store that reads a database which is open already. */
export function storeOf(database: Database): Store {
  const options = { readOnly: true } as const;
  return {
    assets: () => database.transaction((tx) => readAssets(tx), options),
    bars: (request) => database.transaction((tx) => readBars(tx, request), options),
    emas: (request) => database.transaction((tx) => readEmas(tx, request), options),
    close: () => database.close(),
  };
}

const SERIES_KEYS = ['id', 'family', 'tf', 'fromTs', 'untilTs', 'rows'];
const FAMILIES: readonly Family[] = [...BAR_FAMILIES, 'v2'];

async function readBars(tx: Session, request: BarsRequest): Promise<BarSeries> {
  assertKeys(request, [...SERIES_KEYS, 'limit']);
  await assertSeries(tx, request, BAR_FAMILIES);
  assertKnown('rows', request.rows ?? 'bars', ['bars', 'closed', 'snapshots']);
  const { family, ...rest } = request;
  const bars = await readBarSeries(tx, { ...rest, source: request.tf === '1D' ? '1d' : family });
  assertRows(request, bars.length);
  return bars;
}

async function readEmas(tx: Session, request: EmasRequest): Promise<Emas> {
  assertKeys(request, [...SERIES_KEYS, 'periods', 'columns']);
  await assertSeries(tx, request, FAMILIES);
  assertKnown('rows', request.rows ?? 'closed', ['closed', 'snapshots']);
  const known = await readPeriodsInForce(tx);
  assertAllKnown('period', request.periods, known);
  const table: EmaTable = request.family === 'multi_tf' ? 'multi_tf' : `multi_tf_${request.family}`;
  const facts = EMA_TABLES[table];
  const stored = facts.layout.fields.filter(({ type }) => type === 'float8').map(({ column }) => column);
  const columns = request.columns ?? [facts.withBar ? 'ema_bar' : 'ema'];
  assertAllKnown('column', columns, stored);
  const { id, tf, periods, fromTs, untilTs } = request;
  const rows = request.rows === 'snapshots' ? 'all' : 'canonical';
  const series = await readEmaSeries(tx, { id, table, tf, periods, columns, rows, fromTs, untilTs });
  assertRows(request, series.length);
  return {
    length: series.length,
    timeClose: series.ts,
    isPartialEnd: series.roll,
    periods: series.periods,
    of: (period, column = columns[0]) => {
      assertKnown('period', period, series.periods);
      assertKnown('column', column, columns);
      return series.of(period, column);
    },
  };
}

/** Checks what bars and EMAs are chosen by alike. */
async function assertSeries(
  tx: Session,
  { id, family, tf, fromTs, untilTs }: SeriesRequest,
  families: readonly Family[],
): Promise<void> {
  assertInstants({ fromTs, untilTs });
  const assets = await readAssets(tx);
  if (!assets.some((asset) => asset.id === id)) {
    const named = assets.slice(0, 12).map((asset) => `${asset.id} (${asset.name})`);
    const more = assets.length > named.length ? ` and ${assets.length - named.length} more: assets() lists them` : '';
    const shown = id === undefined ? 'missing' : JSON.stringify(id);
    throw new NotebookError('NOTEBOOK_UNKNOWN_NAME', `id is ${shown}; there are ${named.join(', ')}${more}`);
  }
  assertKnown('family', family, families);
  assertKnown(`tf of ${family}`, tf, timeframesIn(family, await readTimeframes(tx)));
}

function timeframesIn(family: Family, catalogue: readonly TimeframeRow[]): string[] {
  const days = family === 'v2' || family === 'multi_tf' ? ['1D'] : [];
  const bars = timeframesOf(family === 'v2' ? 'multi_tf' : family, catalogue, { includeNonCanonical: true });
  return [...new Set([...days, ...bars.map(({ tf }) => tf)])];
}

/** A stretch of days may be empty; a whole series is not, unless it was never built. */
function assertRows(request: SeriesRequest, rows: number): void {
  if (rows > 0 || request.fromTs !== undefined || request.untilTs !== undefined) return;
  const { id, family, tf } = request;
  throw new NotebookError(
    'NOTEBOOK_NO_ROWS',
    `nothing is stored of ${tf} (${family}) of asset ${id}; a refresh builds it, if it is canonical`,
  );
}
