export { BarsError } from './errors.ts';
export type { BarsErrorCode, BarsErrorDetails } from './errors.ts';
export { barsOf, calendarDayBars } from './bars-of.ts';
export type {
  BarColumns,
  BarsOfOptions,
  CalendarDayOptions,
  DayColumns,
  MarketOptions,
  WeekTimeframe,
  Weekday,
} from './bars-of.ts';
export type { CloseRule } from './trading-days.ts';
export type { NumberColumn } from './number-input.ts';
export { isTimeframe, TIMEFRAMES, type BarTimeframe } from './timeframe-names.ts';
