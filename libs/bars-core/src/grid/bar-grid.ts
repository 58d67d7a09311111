import type { CivilDay } from '../civil-day.ts';

/** A calendar window: the days that one bar covers. */
export interface BarWindow {
  /** Number of the window, 0 for the asset's first one; empty windows count. */
  readonly index: number;
  readonly firstDay: CivilDay;
  readonly lastDay: CivilDay;
}

/** What a bar is from its first observed row on, before any price is known. */
export interface BarSlot {
  /** `bar_seq` minus 1. */
  readonly index: number;
  /** Last day of the bar, or {@link NO_LAST_DAY} when rows are counted instead of days. */
  readonly lastDay: number;
  /** Full width in days (`tf_days`); rows per bar when rows are counted. */
  readonly tfDays: number;
  /** Day from which missing days are counted: the later of the window's first day and the asset's first day. */
  readonly effectiveFirstDay: number;
  /** The asset's history begins inside the bar. */
  readonly isPartialStart: boolean;
  /** Days from the asset's first window to this one, or `NO_DAY` outside the anchored families. */
  readonly anchorOffsetDays: number;
}

/** Decides which bar a daily row belongs to; asked once for each bar, by the bar's first observed row. */
export interface BarGrid {
  /** Rows that fill a bar, or Infinity when its last day closes it. */
  readonly rowsPerBar: number;
  /** The bar that starts with a row: its civil day and its 0-based index in the asset's history; null = in no bar. */
  slotAt(day: CivilDay, rowIndex: number): BarSlot | null;
}

/** Later than every day: a bar that counts rows is closed by no day. */
export const NO_LAST_DAY = 2_147_483_647;
