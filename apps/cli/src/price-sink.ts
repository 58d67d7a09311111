import type { PriceSink } from '@ta/price-import';
import {
  deleteSourceRows,
  findAsset,
  readSourceCloses,
  saveAsset,
  upsertSourceRows,
  type Session,
} from '@ta/state-store';

/** The store as the import sees it, inside the transaction of one file. */
export function priceSink(tx: Session): PriceSink {
  return {
    findAsset: (id) => findAsset(tx, id),
    saveAsset: (asset) => saveAsset(tx, asset),
    storedCloses: (id, fromTs, untilTs) => readSourceCloses(tx, id, fromTs, untilTs),
    removeRows: (id) => deleteSourceRows(tx, id),
    upsert: (rows) => upsertSourceRows(tx, rows),
  };
}
