import {
  civilDaysOf,
  dayOpenings,
  EVERY_DAY,
  instantsInDay,
  type BarFamily,
  type DailySeries,
  type TradingDays,
} from '@ta/bars-core/engine';
import {
  hasEmaRejects,
  openRefreshState,
  readBarStamps,
  readBarStates,
  readDailyBars,
  readDailyState,
  readEmaStates,
  readIdsWithSource,
  readRevisions,
  readSourceRows,
  readTradingDays,
  type BarStamp,
  type BarStateRow,
  type DailyState,
  type EmaStateRow,
  type EmaTable,
  type Revision,
  type Session,
} from '@ta/state-store';
import type { RunSettings } from './run-settings.ts';

/** One id inside one transaction: reads that several steps share are made once. */
export interface ItemContext {
  readonly tx: Session;
  readonly id: number;
  readonly run: RunSettings;
  /** Aborted when the run shall end now: row producers stop between two chunks. */
  readonly signal?: AbortSignal;
  /** State of the 1D step, or null when the id has none. Read again after the 1D step wrote it. */
  dailyState(): Promise<DailyState | null>;
  /** How the asset trades. */
  tradingDays(): Promise<TradingDays>;
  /** Whether the source has rows of the id and no 1D step has looked at them. */
  lacksDailyBars(): Promise<boolean>;
  /** Forgets what was read, after the 1D step changed it or a step was taken back. */
  forget(): void;
  /** Changes of stored 1D history, newest last. */
  revisions(): Promise<readonly Revision[]>;
  /** Daily rows with `ts >= fromTs` (all of them without), ascending, with their civil day in the run's zone. */
  dailyRows(fromTs?: number): Promise<DailyRows>;
  /** States of one family's bars, as they were before its step. */
  barStates(family: BarFamily): Promise<readonly BarStateRow[]>;
  /** Stamps of one family's bars. */
  barStamps(family: BarFamily): Promise<readonly BarStamp[]>;
  /** States of one EMA table, as they were before its step. */
  emaStates(table: EmaTable): Promise<readonly EmaStateRow[]>;
  /** Stamp of the id's `cmc_ema_refresh_state` row, which is made when it is missing. */
  refreshStamp(): Promise<number>;
  /** Whether an EMA reject of the id was recorded by an earlier run. */
  hasEmaRejects(): Promise<boolean>;
}

/** Daily bars as the later steps need them. */
export interface DailyRows extends DailySeries {
  /** 1D `bar_seq` of each row. */
  readonly barSeq: Float64Array;
}

/** Opens the shared reads of one id in `tx`. */
export function itemContext(tx: Session, id: number, run: RunSettings, signal?: AbortSignal): ItemContext {
  const known = new Map<string, Promise<unknown>>();
  const once = <T>(name: string, read: () => Promise<T>): Promise<T> => {
    const found = (known.get(name) as Promise<T> | undefined) ?? read();
    known.set(name, found);
    return found;
  };
  let loaded: { fromTs: number; rows: Promise<DailyRows> } | undefined;
  return {
    tx,
    id,
    run,
    signal,
    dailyState: () => once('daily', () => readDailyState(tx, id)),
    async tradingDays() {
      const daily = await once('daily', () => readDailyState(tx, id));
      // most assets say nothing of it, and the state knows
      if (daily !== null && !daily.isRestricted) return EVERY_DAY;
      return (await once('trading days', () => readTradingDays(tx, [id]))).get(id) ?? EVERY_DAY;
    },
    lacksDailyBars: async () =>
      (await once('daily', () => readDailyState(tx, id))) === null &&
      (await once('source', () => readIdsWithSource(tx, [id]))).has(id),
    revisions: () => once('revisions', async () => (await readRevisions(tx, [id])).get(id) ?? []),
    forget() {
      known.clear();
      loaded = undefined;
    },
    async dailyRows(fromTs = Number.NEGATIVE_INFINITY) {
      if (loaded === undefined || loaded.fromTs > fromTs) loaded = { fromTs, rows: loadDailyRows(tx, id, run, fromTs) };
      const rows = await loaded.rows;
      return cutRows(rows, firstIndexAtOrAfter(rows.ts, fromTs), rows.length);
    },
    // the tables of all families in one read: what an item costs are its round trips
    barStates: async (family) => (await once('bar states', () => readBarStates(tx, id))).get(family) ?? [],
    barStamps: async (family) => (await once('bar stamps', () => readBarStamps(tx, id))).get(family) ?? [],
    emaStates: async (table) => (await once('EMA states', () => readEmaStates(tx, id))).get(table) ?? [],
    refreshStamp: () => once('refresh stamp', () => openRefreshState(tx, id)),
    hasEmaRejects: () => once('EMA rejects', () => hasEmaRejects(tx, id)),
  };
}

async function loadDailyRows(tx: Session, id: number, run: RunSettings, fromTs: number): Promise<DailyRows> {
  if (run.source === 'raw') return rawRows(tx, id, run.zone, fromTs);
  const { dayFrom, dayUntil, ...bars } = await readDailyBars(tx, id, { fromTs });
  return { ...bars, timeOpen: dayOpenings(bars.timeOpen, { dayFrom, dayUntil }) };
}

/** Raw source rows in the shape of daily bars; rows without a price have no bar to stand in and are left out. */
async function rawRows(tx: Session, id: number, zone: string, fromTs: number): Promise<DailyRows> {
  const source = await readSourceRows(tx, id, { fromTs });
  const kept: number[] = [];
  for (let i = 0; i < source.length; i++) {
    const isPriced = [source.open, source.close].every((column) => !Number.isNaN(column[i]));
    if (isPriced) kept.push(i);
  }
  const pick = (column: Float64Array) => Float64Array.from(kept, (i) => column[i] as number);
  const ts = pick(source.ts);
  const { day, ...bounds } = civilDaysOf(ts, zone);
  return {
    length: kept.length,
    ts,
    day,
    timeOpen: dayOpenings(pick(source.timeOpen), bounds),
    open: pick(source.open),
    high: pick(source.high),
    low: pick(source.low),
    close: pick(source.close),
    volume: pick(source.volume),
    marketCap: pick(source.marketCap),
    // nobody has judged the instants of raw rows
    timeHigh: instantsInDay(pick(source.timeHigh), bounds),
    timeLow: instantsInDay(pick(source.timeLow), bounds),
    barSeq: Float64Array.from(kept, (i) => i + 1),
  };
}

/** Rows from an index on, up to another, as views. */
export function cutRows(rows: DailyRows, start: number, end: number): DailyRows {
  if (start === 0 && end === rows.length) return rows;
  const columns = Object.entries(rows).filter(([, column]) => ArrayBuffer.isView(column)) as [string, Float64Array][];
  const cut = Object.fromEntries(columns.map(([name, column]) => [name, column.subarray(start, end)]));
  return { ...rows, ...cut, length: end - start };
}

/** Index of the first instant `>= ts` in an ascending column; its length when there is none. */
export function firstIndexAtOrAfter(column: Float64Array, ts: number): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((column[middle] as number) < ts) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Passes chunks on until the run is told to end; then the COPY in progress fails and its step is rolled back. */
export function* untilAborted(chunks: Iterable<Uint8Array>, signal: AbortSignal | undefined): Generator<Uint8Array> {
  for (const chunk of chunks) {
    signal?.throwIfAborted();
    yield chunk;
  }
}
