export { assertAssetName, placeholderName, type FileAsset } from './asset-name.ts';
export { type ColumnChoice, parseColumnChoice } from './column-choice.ts';
export { type Gap } from './day-coverage.ts';
export { ImportError, type ImportErrorCode, type ImportErrorDetails } from './errors.ts';
export { fileNamePattern, type NamedAsset } from './file-name-pattern.ts';
export {
  importPrices,
  type ImportNotice,
  type ImportOptions,
  type StoredPrices,
  type ImportRefusal,
  type ImportReport,
} from './import-prices.ts';
export { rejectedLineText, type LineRejectReason, type RejectedLine } from './line-reject.ts';
export { type DateOrder } from './parse-instant.ts';
export { priceFileAt, type PriceFile } from './price-file.ts';
export { priceFilePaths } from './price-files.ts';
export { type PriceFormatKind, type ReadingChoices } from './price-format.ts';
export { type AssetRecord, type PriceSink, type StoredCloses, type UpsertCounts } from './price-sink.ts';
export { type ImportProgress } from './scan-file.ts';
export { type SourceBatch } from './source-batch.ts';
export {
  type AnomalyKind,
  syntheticAnomalies,
  type SyntheticAnomaly,
  type SyntheticAsset,
  syntheticAssets,
  type SyntheticOptions,
  syntheticPrices,
} from './synthetic.ts';
