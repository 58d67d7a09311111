/**
 * The engine that builds the stored bars: days, timeframes, grids, snapshots, states. These interfaces may change with any minor
 * version.
 */
export { firstIndexAfter, firstIndexAtOrAfter } from './ascending.ts';
export { civilDay, formatCivilDay, NO_DAY, ONE_DAY_MS, parseCivilDay, ymd } from './civil-day.ts';
export type { CivilDay, YearMonthDay } from './civil-day.ts';
export { civilDayOfInstant, openingOfCivilDay, utcDayText } from './zone-day.ts';
export { civilDaysOf, dayOpenings, instantsInDay } from './day-openings.ts';
export type { DayBounds } from './day-openings.ts';
export { isZoneFingerprint, matchesZone, zoneFingerprint } from './zone-fingerprint.ts';
export { canonicalZone } from './zone-name.ts';

export { inKeyOrder, specOf, timeframeName, toTimeframe } from './timeframe.ts';
export type { Timeframe, TimeframeKind, TimeframeRow, TimeframeUnit, WeekScheme } from './timeframe.ts';
export { BAR_FAMILIES, timeframesOf } from './bar-family.ts';
export type { BarFamily, TimeframeSelection } from './bar-family.ts';
export { TIMEFRAME_CATALOGUE } from './timeframe-catalog.ts';
export { nearTimeframes } from './timeframe-names.ts';

export { createDailySeries } from './daily-series.ts';
export type { DailySeries } from './daily-series.ts';

export { buildDaily } from './daily/build-daily.ts';
export type { BuildDailyOptions, DailyBars, DailyBuild, DailyRejects } from './daily/build-daily.ts';
export { columnsAtFault, REJECT_REASONS } from './daily/reject.ts';
export type { RejectReason } from './daily/reject.ts';
export type { SourceSeries } from './daily/source-series.ts';

export { windowOf } from './grid/grid-for.ts';
export type { BarWindow } from './grid/bar-grid.ts';

export { barStateFacts, openBarState } from './aggregate/bar-state.ts';
export type { BarState, BarStateFacts } from './aggregate/bar-state.ts';
export { decodeBarState, encodeBarState } from './aggregate/bar-state-codec.ts';
export { buildSnapshots } from './aggregate/build-snapshots.ts';
export type { BuildSnapshotsOptions } from './aggregate/build-snapshots.ts';
export {
  GUARD_HIGH_LT_LOW,
  GUARD_HIGH_LT_OC_MAX,
  GUARD_LOW_GT_OC_MIN,
  GUARD_UNKNOWN_FILLED,
} from './aggregate/guard.ts';
export { createSnapshotColumns } from './aggregate/snapshot-columns.ts';
export type { SnapshotColumns } from './aggregate/snapshot-columns.ts';

export { closedByNextRow } from './aggregate/late-close.ts';
export {
  ALL_WEEKDAYS,
  CLOSE_RULES,
  countTradingDays,
  daysLeft,
  EVERY_DAY,
  isTradingDay,
  parseWeekdays,
  restingMs,
  tradingDays,
  tradingDaysText,
  weekdaysText,
} from './trading-days.ts';
export type { CloseRule, TradingDays, TradingDaysSpec } from './trading-days.ts';
