import { EVERY_DAY, firstIndexAfter, type BarFamily, type TradingDays } from '@ta/bars-core/engine';
import {
  hasEmaRejects,
  openRefreshState,
  readBarStamps,
  readBarStates,
  readDailyState,
  readEmaStates,
  readIdsWithSource,
  readRevisions,
  readTradingDays,
  type BarStamp,
  type BarStateRow,
  type DailyState,
  type EmaStateRow,
  type EmaTable,
  type Revision,
  type Session,
} from '@ta/state-store';
import { cutRows, readDailyRows, type DailyRows, type DailyRowsReader } from './daily-rows.ts';
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
  /** Daily rows with `ts > afterTs` (all of them without), ascending, with their civil day in the run's zone. */
  dailyRows(afterTs?: number): Promise<DailyRows>;
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

/** What an item may be given besides its id and the settings of the run. */
export interface ItemMeans {
  /** Aborted when the run shall end now. */
  readonly signal?: AbortSignal;
  /** Where the daily rows come from, if not from the 1D bars. */
  readonly readRows?: DailyRowsReader;
}

/** Opens the shared reads of one id in `tx`. */
export function itemContext(
  tx: Session,
  id: number,
  run: RunSettings,
  { signal, readRows = readDailyRows }: ItemMeans = {},
): ItemContext {
  const known = new Map<string, Promise<unknown>>();
  const once = <T>(name: string, read: () => Promise<T>): Promise<T> => {
    const found = (known.get(name) as Promise<T> | undefined) ?? read();
    known.set(name, found);
    return found;
  };
  let loaded: { afterTs: number; rows: Promise<DailyRows> } | undefined;
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
    async dailyRows(afterTs = Number.NEGATIVE_INFINITY) {
      if (loaded === undefined || loaded.afterTs > afterTs) {
        loaded = { afterTs, rows: readRows(tx, { id, zone: run.zone, afterTs }) };
      }
      const rows = await loaded.rows;
      return cutRows(rows, firstIndexAfter(rows.ts, afterTs), rows.length);
    },
    // the tables of all families in one read: what an item costs are its round trips
    barStates: async (family) => (await once('bar states', () => readBarStates(tx, id))).get(family) ?? [],
    barStamps: async (family) => (await once('bar stamps', () => readBarStamps(tx, id))).get(family) ?? [],
    emaStates: async (table) => (await once('EMA states', () => readEmaStates(tx, id))).get(table) ?? [],
    refreshStamp: () => once('refresh stamp', () => openRefreshState(tx, id)),
    hasEmaRejects: () => once('EMA rejects', () => hasEmaRejects(tx, id)),
  };
}
