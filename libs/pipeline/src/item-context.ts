import { BAR_FAMILIES, EVERY_DAY, firstIndexAfter, type BarFamily, type TradingDays } from '@ta/bars-core/engine';
import {
  hasEmaRejects,
  openRefreshState,
  readBarSeriesNumbers,
  readBarStates,
  readClosedBars,
  readDailyState,
  readEmaSeriesNumbers,
  readEmaStates,
  readIdsWithSource,
  readResetStamps,
  readRevisions,
  readStateGroups,
  readTradingDays,
  type ClosedBarsOf,
  type EmaTable,
  type ExpectedStates,
  type Session,
} from '@ta/state-store';
import { cutRows, readDailyRows, type DailyRows, type DailyRowsReader } from './daily-rows.ts';
import type { RunSettings } from './run-settings.ts';

/** One id inside one transaction. Reads that several steps share are made once. */
export type ItemContext = ReturnType<typeof itemContext>;

/** Options of an item besides its id and the settings of the run. */
export interface ItemMeans {
  /** Aborted when the run must stop; stops the running steps. */
  readonly signal?: AbortSignal;
  /** Reads the daily rows, if not from the 1D bars. */
  readonly readRows?: DailyRowsReader;
}

/**
 * Opens the shared reads of one id in `tx`.
 *
 * @param run what all items of the run share
 */
export function itemContext(
  tx: Session,
  id: number,
  run: RunSettings,
  { signal, readRows = readDailyRows }: ItemMeans = {},
) {
  const known = new Map<string, Promise<unknown>>();
  const once = <T>(name: string, read: () => Promise<T>): Promise<T> => {
    const found = (known.get(name) as Promise<T> | undefined) ?? read();
    known.set(name, found);
    return found;
  };
  let loaded: { afterTs: number; rows: Promise<DailyRows> } | undefined;
  let noted: { revision: number; lastTs: number } | undefined;
  const storedStamp = () => once('stored stamp', async () => (await readResetStamps(tx, [id])).get(id));
  /** State of the 1D step, or null when the id has none. Read again after the 1D step wrote it. */
  const dailyState = () => once('daily', () => readDailyState(tx, id));
  /** Changes of stored 1D history, newest last. */
  const revisions = () => once('revisions', async () => (await readRevisions(tx, [id])).get(id) ?? []);
  /** Whether an EMA reject of the id was recorded by an earlier run. */
  const hasRejects = () => once('EMA rejects', () => hasEmaRejects(tx, id));
  const allBarGroups = () => once('bar groups', () => readStateGroups(tx, NOTHING_EXPECTED, [id]));
  const allEmaStates = () => once('EMA states', () => readEmaStates(tx, id));
  return {
    tx,
    id,
    run,
    signal,
    dailyState,
    revisions,
    hasEmaRejects: hasRejects,
    /** The trading rules of the asset. */
    async tradingDays(): Promise<TradingDays> {
      const daily = await dailyState();
      // most assets have the default rules, which the state shows without another read
      if (daily !== null && !daily.isRestricted) return EVERY_DAY;
      return (await once('trading days', () => readTradingDays(tx, [id]))).get(id) ?? EVERY_DAY;
    },
    /** Whether the source has rows of the id but no 1D step has processed them. */
    lacksDailyBars: async () =>
      (await dailyState()) === null && (await once('source', () => readIdsWithSource(tx, [id]))).has(id),
    /** Records that this item has just changed stored 1D history: the revision, and its latest changed day (epoch ms). */
    noteRevision(revision: number, lastTs: number): void {
      noted = { revision, lastTs };
    },
    /** Latest day that changed in stored 1D history since a revision, epoch ms; +∞ if unknown. */
    async changedUntil(consumed: number): Promise<number> {
      const [unseen, ...more] = (await revisions()).filter(({ revision }) => revision > consumed);
      if (noted === undefined || noted.revision !== unseen?.revision || more.length > 0)
        return Number.POSITIVE_INFINITY;
      return noted.lastTs;
    },
    /** Discards what was read, after the 1D step changed it or a step was rolled back. */
    forget(): void {
      known.clear();
      loaded = undefined;
      noted = undefined;
    },
    /** Daily rows with `ts > afterTs` (by default all), ascending, with their civil day in the run's zone. */
    async dailyRows(afterTs = Number.NEGATIVE_INFINITY): Promise<DailyRows> {
      if (loaded === undefined || loaded.afterTs > afterTs) {
        loaded = { afterTs, rows: readRows(tx, { id, zone: run.zone, afterTs }) };
      }
      const rows = await loaded.rows;
      return cutRows(rows, firstIndexAfter(rows.ts, afterTs), rows.length);
    },
    /**
     * States of one family's bars, as they were before its step; read for all families at once, since round trips are the cost of
     * an item.
     */
    barStates: async (family: BarFamily) => (await once('bar states', () => readBarStates(tx, id))).get(family) ?? [],
    /**
     * The same states in the form that the plan of EMAs needs: whatever their specification, and without the numbers to resume
     * from.
     */
    barGroups: async (family: BarFamily) => (await allBarGroups()).get(id)?.bars.get(family) ?? [],
    /** Closed bars of a family that became known after an instant (epoch ms, −∞ for all). */
    async closedBars(family: BarFamily, afterTs: number): Promise<ClosedBarsOf> {
      // there are few bars after an instant, so read those of all families at once: an append needs them all
      if (afterTs === -Infinity) return readClosedBars(tx, family, id);
      const read = async () => {
        const bars = BAR_FAMILIES.map(async (one) => [one, await readClosedBars(tx, one, id, afterTs)] as const);
        return new Map(await Promise.all(bars));
      };
      return (await once(`closed bars ${afterTs}`, read)).get(family) as ClosedBarsOf;
    },
    /** States of one EMA table, as they were before its step. */
    emaStates: async (table: EmaTable) => (await allEmaStates()).get(table) ?? [],
    /** Series of the multi-day bars. */
    barSeries: async () => run.barSeries ?? once('bar series', () => readBarSeriesNumbers(tx)),
    /** Numbers of the series of packed EMAs. */
    emaSeries: async () => run.emaSeries ?? once('EMA series', () => readEmaSeriesNumbers(tx)),
    /** Stamp of the id's `cmc_ema_refresh_state` row, which is created when it is missing. */
    refreshStamp: () => once('refresh stamp', async () => (await storedStamp()) ?? openRefreshState(tx, id)),
    /** Reads all states that the EMA steps need, in one message. */
    async lookAtEmas(): Promise<void> {
      await Promise.all([dailyState(), storedStamp(), revisions(), allBarGroups(), allEmaStates(), hasRejects()]);
    },
  };
}

const NOTHING_EXPECTED: ExpectedStates = {
  specs: Object.fromEntries(BAR_FAMILIES.map((family) => [family, new Map()])) as unknown as ExpectedStates['specs'],
  paramsHashes: new Map(),
  periods: [],
};
