export { placeholderName, type FileAsset } from './asset-name.ts';
export { type Gap } from './day-coverage.ts';
export { ImportError, type ImportErrorCode, type ImportErrorDetails } from './errors.ts';
export { importPrices, type ImportNotice, type ImportOptions, type ImportReport } from './import-prices.ts';
export { rejectedLineText, type LineRejectReason, type RejectedLine } from './line-reject.ts';
export { priceFileAt, type PriceFile } from './price-file.ts';
export { type PriceFormatKind } from './price-format.ts';
export { type AssetRecord, type PriceSink, type UpsertCounts } from './price-sink.ts';
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
