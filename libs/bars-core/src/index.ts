export { BarsError } from './errors.ts';
export type { BarsErrorCode, BarsErrorDetails } from './errors.ts';
export { barsOf } from './bars-of.ts';
export type { BarColumns, BarsOfOptions, DayColumns } from './bars-of.ts';
