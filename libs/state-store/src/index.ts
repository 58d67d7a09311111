export { StoreError, toStoreError, type StoreErrorCode, type StoreErrorDetails } from './errors.ts';
export {
  describeTarget,
  maskUrl,
  resolveDatabaseTarget,
  type DatabaseChoice,
  type DatabaseTarget,
} from './connect/database-url.ts';
export type {
  Database,
  DatabaseEngine,
  ResultTable,
  Session,
  StoreOrm,
  TransactionOptions,
} from './connect/database.ts';
export { backUpFolder, type Backup } from './connect/back-up-folder.ts';
export { openDatabase, type OpenOptions } from './connect/open-database.ts';
export { endWhenSilent } from './connect/silent-host.ts';
export {
  copyInSql,
  copyOutSql,
  quoteIdentifier,
  quoteLiteral,
  type CopyField,
  type CopyLayout,
  type CopyType,
} from './copy/layout.ts';
export type { FieldData } from './copy/field-data.ts';
export { createCopyEncoder, type CopyEncoder } from './copy/encode.ts';
export { decodeCopy } from './copy/decode.ts';
export { ColumnTable, type TextCodes } from './copy/column-table.ts';

export { barAlignmentSource, emaAlignmentSource, schema, schemaFamilies, schemaViews } from './schema/index.ts';
export type { BarAlignmentSource, EmaAlignmentSource } from './schema/index.ts';
export { inLayoutOrder } from './tables/keyed-table.ts';
export type { KeyedTable } from './tables/keyed-table.ts';
export { DAILY_BARS, DAILY_REJECTS } from './tables/daily-tables.ts';
export { BAR_TABLES } from './tables/bar-tables.ts';
export type { BarTable } from './tables/bar-tables.ts';
export { EMA_STATE_LAYOUT, EMA_TABLES } from './tables/ema-tables.ts';
export type { EmaTable, EmaTableFacts } from './tables/ema-tables.ts';
export { TABLES_BY_ASSET, TABLES_EVERYWHERE } from './tables/table-places.ts';

export { assertSchema, makeOfEmptyDatabase, migrate, migrationStatus } from './migrate.ts';
export type { MigrationStatus } from './migrate.ts';
export { MOST_PARTITIONS, partitionTables, readPartitions } from './partition.ts';
export type { PartitionChange } from './partition.ts';
export { assertOnOneServer, DEFAULT_SHARDS, distributeByAsset, MOST_SHARDS, readDistribution } from './distribute.ts';
export type { Distribution, DistributionChange } from './distribute.ts';
export { mergeDimensions, seedDimensions } from './seed.ts';
export type { DimensionSeeds, EmaAlphaRow, SeedCounts } from './seed.ts';
export { EARLIEST_INSTANT_MS, isBeyondSql, LATEST_INSTANT_MS } from './instant-range.ts';
export { instantText } from './instant-text.ts';
export { instantSql } from './read/copy-select.ts';

export { freeSpace, type FreedSpace } from './free-space.ts';
export { readLogBytes, readTableSizes, type TableSize } from './read/table-sizes.ts';
export { findAsset, readAssets } from './read/assets.ts';
export type { AssetRow } from './read/assets.ts';
export { isAhead, readNewestDays, type NewestDays } from './read/newest-days.ts';
export { readPeriods, readTimeframes } from './read/dimensions.ts';
export {
  countUnbuiltRows,
  readIdsWithDerived,
  readIdsWithSource,
  readSourceCloses,
  readSourceFacts,
  readSourceRows,
} from './read/source.ts';
export type { SourceFacts, SourceRows } from './read/source.ts';
export { readChanges, takeChanges } from './read/changes.ts';
export type { SourceChanges } from './read/changes.ts';
export { dailyBarsOf, readDailyBars, readDailyTail } from './read/daily-bars.ts';
export type { DailyTail, StoredDailyBars } from './read/daily-bars.ts';
export { readDailyState, readDailyStates, readRevisions, readStamp } from './read/daily-state.ts';
export type { DailyState, Revision } from './read/daily-state.ts';
export { readBarStamps, readBarStates } from './read/bar-states.ts';
export type { BarStamp, BarStateRow } from './read/bar-states.ts';
export { readTradingDays } from './read/trading-days.ts';
export { readCalendars, saveHolidays, saveTrading } from './write/trading-days.ts';
export type { Holiday, TradingChange } from './write/trading-days.ts';
export { readClosedBars } from './read/closed-bars.ts';
export type { ClosedBars, ClosedBarsOfTimeframe } from './read/closed-bars.ts';
export { readBarSeries } from './read/bar-series.ts';
export type { BarRows, BarSeries, BarSeriesRequest, BarSource } from './read/bar-series.ts';
export { readEmaSeries } from './read/ema-series.ts';
export type { EmaColumn, EmaSeries, EmaSeriesRequest } from './read/ema-series.ts';
export { readEmaRefreshStates, readEmaStates } from './read/ema-states.ts';
export type { EmaRefreshStateRow, EmaStateRow } from './read/ema-states.ts';
export { RESUME_SQL } from './tables/state-seal.ts';
export { readStateGroups, type AssetStates, type ExpectedStates, type StateGroup } from './read/state-groups.ts';

export { countAssetRows, removeAsset, renameAsset, saveAsset } from './write/assets.ts';
export type { SavedAsset } from './write/assets.ts';
export { readImportProfiles, removeImportProfile, saveImportProfile } from './import-profiles.ts';
export type { ImportProfile } from './import-profiles.ts';
export { deleteBars, deleteEmas, writeClosedAt } from './write/tail.ts';
export type { TailCut } from './write/tail.ts';
export { replaceDailyRows } from './write/daily-rows.ts';
export { recordRowsBeyond, restoreRejectInstants } from './write/rejects-beyond.ts';
export type { DailyRowsChange, SelectedRows } from './write/daily-rows.ts';
export { deleteDaily, writeDailyState, writeDayRules } from './write/daily-state.ts';
export type { DailyStateWrite } from './write/daily-state.ts';
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
export { deleteSourceRows, ROW_OUTCOME, upsertSourceRows } from './write/source.ts';
export type { SourceRowBatch, SourceUpsertCounts } from './write/source.ts';
export type { MergeCounts } from './write/json-rows.ts';

export { readConnectionSlots, type ConnectionSlots } from './read/connection-slots.ts';
export { acquireRunLock } from './lock.ts';
export { isFolderInUse } from './lock/file-lock.ts';
export { openForReading, type ReadableDatabase, type ReadHold } from './open-for-reading.ts';
export { lockItem } from './lock/item-lock.ts';
export { readLockedRuns } from './lock/server-lock.ts';
export type { LockHolder, RunLock, RunLockRequest, Shard } from './lock/run-lock.ts';
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
export type {
  CrashReview,
  RunEnd,
  RunItem,
  RunItemRow,
  RunItemStatus,
  RunRow,
  RunStart,
  RunStatus,
} from './ops/runs.ts';
export { readBuiltWith, readSettings, saveSettings } from './ops/settings.ts';
export type { BuiltWith, SettingName, SettingRow } from './ops/settings.ts';

export { countSuppressedAlerts, findLastSentAlert, recordAlert, type AlertRecord } from './ops/alerts.ts';
export { readUntracedChanges, type UntracedChange } from './read/untraced-changes.ts';
export { logChanges, type SourceStretch } from './write/changes.ts';
