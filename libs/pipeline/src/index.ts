export { databaseLedger } from './alert-ledger.ts';
export { readDayOpenings } from './day-openings.ts';
export {
  BUILDERS,
  COMPONENTS,
  EMA_SOURCES,
  REFRESHERS,
  timeframesOfEmas,
  type Builder,
  type Component,
  type EmaSource,
  type Refresher,
} from './components.ts';
export { dimensionSeeds } from './dimension-seeds.ts';
export { executeItem, lostItem, type ItemConditions, type ComponentRequest } from './execute-item.ts';
export { checkFreshness, judgeAge, type Age, type FreshnessResult } from './freshness.ts';
export type { Action, Reason } from './plan/action.ts';
export { isNoop, type PlannedStep } from './plan/plan-asset.ts';
export type { AssetFacts } from './plan/asset-facts.ts';
export { readStandings, type Standing } from './plan/read-standings.ts';
export { countKinds, planRun, type AssetPlan, type StepKind } from './plan/plan-run.ts';
export type { DailyRowsReader } from './daily-rows.ts';
export { localExecutor, type ComponentRun, type ItemExecutor, type ItemPool } from './item-executor.ts';
export { loadSettings, type SettingsChoice } from './load-settings.ts';
export {
  FULL_SERVER_DELAYS_MS,
  isConflict,
  isDatabaseLost,
  isServerFull,
  RECONNECT_DELAYS_MS,
  withReconnect,
} from './reconnect.ts';
export { refresh, type RefreshObserver } from './refresh.ts';
export type { RefreshRequest } from './refresh-request.ts';
export { isUndone } from './run-report.ts';
export type { ComponentReport, ItemOutcome, ItemStatus, Notice, RunReport, Step, StepReport } from './run-report.ts';
export {
  settleSettings,
  type Periods,
  type SettingConflict,
  type SettingsWish,
  type SettledSettings,
} from './stored-settings.ts';
export type { BackfillPolicy, EmaDays, RunSettings } from './run-settings.ts';
