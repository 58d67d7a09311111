export { CodedError } from './coded-error.ts';
export { StoreError, type StoreErrorCode } from './errors.ts';
export { describeTarget, resolveDatabaseTarget, type DatabaseTarget } from './connect/database-url.ts';
export type { Database, DatabaseEngine, ResultTable, Session, TransactionOptions } from './connect/database.ts';
export { backUpFolder, type Backup } from './connect/back-up-folder.ts';
export { openDatabase } from './connect/open-database.ts';
export { endWhenSilent } from './connect/silent-host.ts';
export { limitStatements } from './connect/statement-limit.ts';
export {
  copyInSql,
  copyOutSql,
  quoteIdentifier,
  quoteLiteral,
  type CopyField,
  type CopyLayout,
  type CopyType,
} from './copy/layout.ts';
export { createCopyEncoder } from './copy/encode.ts';
export { decodeCopy } from './copy/decode.ts';
export { ColumnTable, type ArrayCells, type DecodedColumn } from './copy/column-table.ts';

export type { KeyedTable } from './tables/keyed-table.ts';
export { DAILY_BARS } from './tables/daily-tables.ts';
export { BAR_ROWS, BAR_TABLES } from './tables/bar-tables.ts';
export type { BarTable } from './tables/bar-tables.ts';
export { CLOSED_EMAS, CLOSED_EMAS_KEY } from './tables/closed-emas.ts';
export { EMA_ROWS_LAYOUT, EMA_TABLES } from './tables/ema-tables.ts';
export type { EmaTable, EmaTableFacts } from './tables/ema-tables.ts';
export { TABLES_BY_ASSET, TABLES_EVERYWHERE } from './tables/table-places.ts';

export { assertSchema, makeOfEmptyDatabase, migrate, migrationStatus } from './migrate.ts';
export { MOST_PARTITIONS, partitionTables, readPartitions } from './partition.ts';
export { assertOnOneServer, distributeByAsset, MOST_SHARDS, readDistribution } from './distribute.ts';
export { mergeDimensions, seedDimensions } from './seed.ts';
export type { DimensionSeeds, EmaAlphaRow } from './seed.ts';
export { EARLIEST_INSTANT_MS, isBeyondSql } from './instant-range.ts';
export { instantText } from './instant-text.ts';
export { instantSql } from './sql-conditions.ts';

export { freeSpace } from './free-space.ts';
export { readLogBytes, readTableSizes } from './read/table-sizes.ts';
export { findAsset, readAssets } from './read/assets.ts';
export type { AssetRow } from './read/assets.ts';
export { readAssetPage, readIdsOfAssets } from './read/known-assets.ts';
export { readClosedEmas, readKeyedRows, readRowSpan } from './read/keyed-rows.ts';
export { readRejectMarks, type RejectMark } from './read/rejects.ts';
export { isAhead, readNewestDays, type NewestDays } from './read/newest-days.ts';
export { readPeriods, readPeriodsInForce, readTimeframes } from './read/dimensions.ts';
export {
  countUnbuiltRows,
  readIdsWithDerived,
  readIdsWithSource,
  readSourceCloses,
  readSourceFacts,
  readSourceRows,
} from './read/source.ts';
export { NO_CHANGES, readChanges, type SourceChanges } from './read/changes.ts';
export { DAILY_SERIES, dailyBarsOf, readDailyBars, readDailyTail } from './read/daily-bars.ts';
export type { DailyTail } from './read/daily-bars.ts';
export { readDailyState, readDailyStates, readRevisions, readStamp } from './read/daily-state.ts';
export type { DailyState, Revision } from './read/daily-state.ts';
export { readBarStates, type BarStateRow } from './read/bar-states.ts';
export { readTradingDays } from './read/trading-days.ts';
export { readCalendars, saveHolidays, saveTrading } from './write/trading-days.ts';
export type { Holiday } from './write/trading-days.ts';
export { closedBarsOf, readClosedBars, type ClosedBars, type ClosedBarsOf } from './read/closed-bars.ts';
export { readBarSeriesNumbers } from './read/bar-series-keys.ts';
export type { BarSeriesNumbers, NumberedBarSeries } from './read/bar-series-keys.ts';
export { readBarSeries } from './read/bar-series.ts';
export type { BarSeries, BarSource } from './read/bar-series.ts';
export { readEmaSeries } from './read/ema-series.ts';
export type { EmaColumn, EmaSeries } from './read/ema-series.ts';
export { readEmaStates, readResetStamps, type EmaStateRow } from './read/ema-states.ts';
export { RESUME_SQL } from './tables/state-seal.ts';
export { readStateGroups, type ExpectedStates, type StateGroup } from './read/state-groups.ts';

export { countAssetRows, removeAsset, renameAsset, saveAsset } from './write/assets.ts';
export { readImportProfiles, removeImportProfile, saveImportProfile } from './import-profiles.ts';
export type { ImportProfile } from './import-profiles.ts';
export { deleteEmas, packedColumns, writeEmas, type PackedChunk } from './write/emas.ts';
export { readEmaSeriesList, readEmaSeriesNumbers } from './read/ema-series-keys.ts';
export type { EmaSeriesNumbers, NumberedEmaSeries } from './read/ema-series-keys.ts';
export { readPackedEmas, readPackedEmasBefore, readPackedEmaSpan } from './read/packed-emas.ts';
export type { PackedEmas } from './read/packed-emas.ts';
export { deleteBarRejects, deleteBars, writeBars, writeClosedAt } from './write/bars.ts';
export { diffDaily, type DailyDiff } from './write/daily-diff.ts';
export { replaceDailyRows } from './write/replace-daily-rows.ts';
export { replaceBarRows, type BarTail } from './write/replace-bar-rows.ts';
export { replaceEmaRows } from './write/replace-ema-rows.ts';
export { openBarSeries, openEmaSeries } from './write/series.ts';
export { slimColumns, type BarLane, type LaneSnapshots } from './write/bar-columns.ts';
export type { SelectedRows } from './write/insert-rows.ts';
export { recordRowsBeyond, restoreRejectInstants } from './write/rejects-beyond.ts';
export { deleteDaily, writeDailyState, writeDayRules } from './write/daily-state.ts';
export {
  deleteBarStates,
  deleteEmaStates,
  openRefreshState,
  resetBarState,
  resetEmaState,
  saveEmaWatermarks,
  writeBarStates,
  writeEmaStates,
} from './write/states.ts';
export { hasEmaRejects, writeBarRejects, writeEmaRejects } from './write/rejects.ts';
export type { BarReject, EmaReject } from './write/rejects.ts';
export { compareSourceRows, deleteSourceRows, upsertSourceRows } from './write/source.ts';
export type { SourceRowBatch } from './write/source.ts';

export { readConnectionSlots, type ConnectionSlots } from './read/connection-slots.ts';
export { acquireRunLock } from './lock.ts';
export { isFolderInUse } from './lock/file-lock.ts';
export { openForReading } from './open-for-reading.ts';
export { lockItem } from './lock/item-lock.ts';
export { readLockedRuns } from './lock/server-lock.ts';
export type { RunLock, Shard } from './lock/run-lock.ts';
export {
  finishedIds,
  finishRun,
  listRuns,
  markCrashedRuns,
  readLatestRun,
  readRun,
  recordItems,
  showRun,
  startRun,
} from './ops/runs.ts';
export type { RunItem, RunRow, RunStart } from './ops/runs.ts';
export {
  readLatestFailures,
  readRunFailures,
  readRunSteps,
  readRunSummaries,
  readRunSummary,
} from './ops/run-summaries.ts';
export type { RunStepSummary, RunSummary } from './ops/run-summaries.ts';
export { readValidationFindings, saveValidationRows } from './ops/validation-findings.ts';
export type { NewValidationRow, ValidationFinding } from './ops/validation-findings.ts';
export { readBuiltWith, readInactiveBuilt, readSettings, saveSettings } from './ops/settings.ts';
export type { SettingName, SettingRow } from './ops/settings.ts';

export { countSuppressedAlerts, findLastSentAlert, recordAlert } from './ops/alerts.ts';
export { readUntracedChanges, type UntracedChange } from './read/untraced-changes.ts';
export { forgetChanges, logChanges, takeChanges } from './write/changes.ts';
