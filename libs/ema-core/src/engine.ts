/**
 * The engine that computes the stored EMAs: kernels with a state, variants, blocks. These interfaces may change with any minor
 * version.
 */
export { EMA_PERIODS } from './periods.ts';
export {
  alphaBar,
  alphaDailyEquivalent,
  alphaDailyEquivalentByPower,
  alphaDailySpace,
  alphaFromCom,
  alphaFromHalfLife,
  halfLife,
} from './alpha.ts';
export type { EmaSpec, ResolvedOptions, ResolvedSpec } from './kernel-options.ts';
export type { Lanes } from './kernel.ts';
export { emaBatch, type EmaBatchResult } from './batch.ts';
export { createState, push, restore, serialize, type EmaState, type EmaStateJson } from './state.ts';
export { emaBounds } from './bounds.ts';
export { multiTf, type MultiTfInput } from './variants/multi-tf.ts';
export { calendar, type CalendarInput } from './variants/calendar.ts';
export { anchored } from './variants/anchored.ts';
export { dailySpace, type DailySpaceInput } from './variants/daily-space.ts';
export type { BarsOverDays, CalendarRows, VariantRows } from './variants/variant-rows.ts';
export { variantParamsHash, type EmaVariant, type PreviewPolicy, type VariantSpec } from './stream/variant-spec.ts';
export {
  copyVariantState,
  decodeVariantState,
  encodeVariantState,
  openVariantState,
  type VariantPlan,
  type VariantState,
} from './stream/variant-state.ts';
export { createEmaBlock, type BlockPlace, type EmaBlock, type EmaBlockShape } from './stream/ema-block.ts';
export { advanceVariant, type LateCloses, type VariantInput } from './stream/advance-variant.ts';
export type {
  AdvanceReport,
  BoundsViolation,
  CloseMismatch,
  EmaSeries,
  NonFiniteCell,
} from './stream/advance-report.ts';
export { expectedDailySpaceRows, expectedRows } from './expected-counts.ts';
