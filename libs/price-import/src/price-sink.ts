import type { SourceBatch } from './source-batch.ts';

/** One row of `dim_assets`, as far as an import reads and writes it. */
export interface AssetRecord {
  id: number;
  name: string;
  symbol: string | null;
}

/** What one upsert did: new keys, keys whose content changed, keys that were already equal. */
export interface UpsertCounts {
  inserted: number;
  updated: number;
  unchanged: number;
}

/**
 * Where imported rows go. All calls of one import belong in one transaction: when the import throws, the caller
 * rolls back and nothing of the file stays.
 */
export interface PriceSink {
  /** The stored asset, or null when the id is not in `dim_assets`. */
  findAsset(id: number): Promise<AssetRecord | null>;
  /** Inserts the asset, or sets name and symbol of the stored one; called only when something differs. */
  saveAsset(asset: AssetRecord): Promise<void>;
  /** Upserts on `(id, "timestamp")`; equal rows are left alone. The batch's arrays are not reused afterwards. */
  upsert(rows: SourceBatch): Promise<UpsertCounts>;
}
