import { BAR_FAMILIES, type BarFamily, type Timeframe } from '@ta/bars-core/engine';
import type { EmaVariant } from '@ta/ema-core/engine';
import type { EmaTable } from '@ta/state-store';
import type { RunSettings } from './run-settings.ts';

/** The two parts of a refresh, in execution order (docs/operations.md#order). */
export const COMPONENTS = ['bars', 'emas'] as const;
export type Component = (typeof COMPONENTS)[number];

/** A step that builds bars. */
export type Builder = '1d' | BarFamily;
/** Bar steps in execution order. */
export const BUILDERS: readonly Builder[] = ['1d', ...BAR_FAMILIES];

/** A step that refreshes EMAs. */
export type Refresher = 'multi_tf' | 'cal' | 'cal_anchor' | 'v2';
/** EMA steps in execution order. */
export const REFRESHERS: readonly Refresher[] = ['multi_tf', 'cal', 'cal_anchor', 'v2'];

/** Everything one EMA table is made of: which bars feed it and which kernel turns them into rows. */
export interface EmaSource {
  readonly table: EmaTable;
  readonly variant: EmaVariant;
  /** Family whose closed bars feed the kernel; null where daily bars do (v2). */
  readonly bars: BarFamily | null;
  /** Whether the daily timeframe `1D` belongs to the table as well. */
  readonly hasDaily: boolean;
}

/** The EMA tables of each refresher, in execution order (docs/emas.md#families). */
export const EMA_SOURCES: Readonly<Record<Refresher, readonly EmaSource[]>> = {
  multi_tf: [{ table: 'multi_tf', variant: 'multi_tf', bars: 'multi_tf', hasDaily: true }],
  cal: [
    { table: 'multi_tf_cal_us', variant: 'cal', bars: 'cal_us', hasDaily: false },
    { table: 'multi_tf_cal_iso', variant: 'cal', bars: 'cal_iso', hasDaily: false },
  ],
  cal_anchor: [
    { table: 'multi_tf_cal_anchor_us', variant: 'cal_anchor', bars: 'cal_anchor_us', hasDaily: false },
    { table: 'multi_tf_cal_anchor_iso', variant: 'cal_anchor', bars: 'cal_anchor_iso', hasDaily: false },
  ],
  v2: [{ table: 'multi_tf_v2', variant: 'v2', bars: null, hasDaily: true }],
};

/** The EMA tables that a run, or one refresher of it, writes. */
export function emaSourcesOf(of: {
  readonly refreshers: readonly Refresher[];
  readonly emaTables?: ReadonlySet<EmaTable>;
}): EmaSource[] {
  return REFRESHERS.filter((refresher) => of.refreshers.includes(refresher))
    .flatMap((refresher) => EMA_SOURCES[refresher])
    .filter((source) => of.emaTables === undefined || of.emaTables.has(source.table));
}

/** The timeframes of an EMA table. */
export function timeframesOfEmas(
  settings: Pick<RunSettings, 'timeframes' | 'dayTimeframes'>,
  source: EmaSource,
): readonly Timeframe[] {
  return source.hasDaily ? settings.dayTimeframes : settings.timeframes[source.bars as BarFamily];
}
