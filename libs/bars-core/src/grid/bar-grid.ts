import type { CivilDay } from '../civil-day.ts';

/** A calendar window: the days that one bar covers. */
export interface BarWindow {
  /** Number of the window, 0 for the asset's first one; windows without rows count too. */
  readonly index: number;
  readonly firstDay: CivilDay;
  readonly lastDay: CivilDay;
}

/** The properties of a bar that its first observed row determines; they do not depend on prices. */
export interface BarSlot {
  /** `bar_seq` minus 1. */
  readonly index: number;
  /** Last day of the bar, or {@link NO_LAST_DAY} when rows are counted instead of days. */
  readonly lastDay: number;
  /** Full length in days (`tf_days`); rows per bar when rows are counted. */
  readonly tfDays: number;
  /** Day from which missing days are counted: the later of the window's first day and the asset's first day. */
  readonly effectiveFirstDay: number;
  /** The asset's history begins inside the bar. */
  readonly isPartialStart: boolean;
  /** Days from the asset's first window to this one, or `NO_DAY` outside the anchored families. */
  readonly anchorOffsetDays: number;
}

/** Decides which bar a daily row belongs to; called once per bar, with the bar's first observed row. */
export interface BarGrid {
  /** Rows that complete a bar; Infinity if a bar ends with a calendar day instead. */
  readonly rowsPerBar: number;
  /**
   * The bar that a row starts, by the row's civil day and its 0-based index in the asset's history; null if the row is in no bar.
   */
  slotAt(day: CivilDay, rowIndex: number): BarSlot | null;
}

/** Stands for "no last day": later than every day, for bars that count rows. */
export const NO_LAST_DAY = 2_147_483_647;
