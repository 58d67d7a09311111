export { databaseLedger } from './alert-ledger.ts';
export {
  BUILDERS,
  COMPONENTS,
  EMA_SOURCES,
  REFRESHERS,
  type Builder,
  type Component,
  type EmaSource,
  type Refresher,
} from './components.ts';
export { dimensionSeeds } from './dimension-seeds.ts';
export { executeItem, lostItem, type ItemConditions, type ItemOrder } from './execute-item.ts';
export { checkFreshness, type FreshnessResult, type StaleId, type StaleReason } from './freshness.ts';
export { forecast, type Forecast, type ForecastKind, type StepForecast } from './forecast.ts';
export type { ComponentRun, ItemExecutor, ItemPool } from './item-executor.ts';
export { loadSettings, type SettingsChoice } from './load-settings.ts';
export {
  FULL_SERVER_DELAYS_MS,
  isDatabaseLost,
  RECONNECT_DELAYS_MS,
  withReconnect,
  type ReconnectPolicy,
} from './reconnect.ts';
export { refresh, type RefreshObserver, type RefreshRequest } from './refresh.ts';
export { errorText, openRunHistory, type RunHistory } from './run-history.ts';
export { isUndone } from './run-report.ts';
export type {
  ComponentReport,
  ItemOutcome,
  ItemStatus,
  Notice,
  RowCounts,
  RunReport,
  Step,
  StepReport,
} from './run-report.ts';
export {
  keepSettings,
  periodsText,
  readZone,
  settleSettings,
  type Periods,
  type SettingConflict,
  type SettingsWish,
  type SettledSettings,
} from './stored-settings.ts';
export type { BackfillPolicy, EmaDays, RunSettings } from './run-settings.ts';
