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

/** The timeframe whose bars are the daily bars themselves. */
export const DAILY = '1D';

/** A step that refreshes the EMAs of one variant. */
export type Refresher = EmaVariant;
/** EMA steps in execution order. */
export const REFRESHERS: readonly Refresher[] = ['multi_tf', 'cal', 'cal_anchor', 'v2'];

/** The definition of one EMA table. */
export interface EmaSource {
  readonly refresher: Refresher;
  readonly table: EmaTable;
  /** Family whose closed bars are the input; null if the daily bars are the input (v2). */
  readonly bars: BarFamily | null;
  /** Whether the daily timeframe `1D` belongs to the table as well. */
  readonly hasDaily: boolean;
}

/** Every EMA table, in execution order (docs/emas.md#families). */
export const EMA_SOURCES: readonly EmaSource[] = [
  { refresher: 'multi_tf', table: 'multi_tf', bars: 'multi_tf', hasDaily: true },
  { refresher: 'cal', table: 'multi_tf_cal_us', bars: 'cal_us', hasDaily: false },
  { refresher: 'cal', table: 'multi_tf_cal_iso', bars: 'cal_iso', hasDaily: false },
  { refresher: 'cal_anchor', table: 'multi_tf_cal_anchor_us', bars: 'cal_anchor_us', hasDaily: false },
  { refresher: 'cal_anchor', table: 'multi_tf_cal_anchor_iso', bars: 'cal_anchor_iso', hasDaily: false },
  { refresher: 'v2', table: 'multi_tf_v2', bars: null, hasDaily: true },
];

/** The EMA tables that the requested refreshers write, restricted to `emaTables` if given. */
export function emaSourcesOf(of: {
  readonly refreshers: readonly Refresher[];
  readonly emaTables?: ReadonlySet<EmaTable>;
}): EmaSource[] {
  return EMA_SOURCES.filter(
    ({ refresher, table }) => of.refreshers.includes(refresher) && of.emaTables?.has(table) !== false,
  );
}

/** The timeframes of an EMA table. */
export function timeframesOfEmas(
  settings: Pick<RunSettings, 'timeframes' | 'dayTimeframes'>,
  source: EmaSource,
): readonly Timeframe[] {
  return source.hasDaily ? settings.dayTimeframes : settings.timeframes[source.bars as BarFamily];
}
