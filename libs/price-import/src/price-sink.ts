import type { TradingDays } from '@ta/bars-core/engine';
import type { SourceBatch } from './source-batch.ts';

/** One row of `dim_assets`, as far as an import reads and writes it. */
export interface AssetRecord {
  id: number;
  name: string;
  symbol: string | null;
  /** Whether its days were made of closes alone: open, high and low are the close. */
  isCloseOnly: boolean;
  /** What closes its bars; only a stored asset has it. */
  closeRule?: 'calendar' | 'market';
}

/** Stored closes of an asset, ascending; instants in epoch ms, NaN for an unknown close. */
export interface StoredCloses {
  ts: Float64Array;
  close: Float64Array;
}

/** What one upsert did: new keys, keys whose content changed, keys that were already equal. */
export interface UpsertCounts {
  inserted: number;
  updated: number;
  unchanged: number;
  /** Per row: 0 when it was there already, anything else when it was written. */
  outcomes: Uint8Array;
}

/**
 * Where imported rows go. All calls of one import belong in one transaction: when the import throws, the caller
 * rolls back and nothing of the file stays.
 */
export interface PriceSink {
  /** The stored asset, or null when the id is not in `dim_assets`. */
  findAsset(id: number): Promise<AssetRecord | null>;
  /** Inserts the asset, or changes the stored one; called only when something differs. */
  saveAsset(asset: AssetRecord): Promise<void>;
  /** Stored rows of an asset with `fromTs ≤ timestamp ≤ untilTs`. */
  storedCloses(id: number, fromTs: number, untilTs: number): Promise<StoredCloses>;
  /** On which days a stored asset trades; null when nothing is stored about that, so that it counts as trading every day. */
  tradingDays(id: number): Promise<TradingDays | null>;
  /** What {@link upsert} would do. */
  compare(rows: SourceBatch): Promise<UpsertCounts>;
  /** Removes all rows of an asset and returns how many there were. */
  removeRows(id: number): Promise<number>;
  /** Upserts on `(id, "timestamp")`; equal rows are left alone. */
  upsert(rows: SourceBatch): Promise<UpsertCounts>;
}
