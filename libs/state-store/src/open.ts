/**
 * The part of the library that a command needs to open a database and run one query. It loads fast, because it does not load the
 * definitions of the tables.
 */
export { describeTarget, resolveDatabaseTarget } from './connect/database-url.ts';
export { shownPath } from './connect/shown-path.ts';
export type { DatabaseTarget } from './connect/database-url.ts';
export type { Database, Session } from './connect/database.ts';
export { StoreError } from './errors.ts';
export { openForReading } from './open-for-reading.ts';
export { readAndRollBack } from './connect/read-and-roll-back.ts';
export { countGaps, readGaps, type Gap } from './read/gaps.ts';
export { listAssets, unknownAssets } from './read/known-assets.ts';
export { readColumnNames, readTableNames, readTimeframeLabels, type KnownName } from './read/known-names.ts';
export { countBarRejects, countEmaRejects, readBarRejects, readEmaRejects } from './read/rejects.ts';
export {
  countRowsByAsset,
  readDailyWatermarks,
  readEmaWatermarks,
  readEmaWatermarksByTimeframe,
  readTableSpans,
  readTrustedThrough,
} from './read/watermarks.ts';
