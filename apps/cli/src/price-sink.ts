import type { PriceSink } from '@ta/price-import';
import { findAsset, saveAsset, upsertSourceRows, type Session } from '@ta/state-store';

/** The store as the import sees it, inside the transaction of one command. */
export function priceSink(tx: Session): PriceSink {
  return {
    findAsset: (id) => findAsset(tx, id),
    saveAsset: (asset) => saveAsset(tx, asset),
    upsert: (rows) => upsertSourceRows(tx, rows),
  };
}
