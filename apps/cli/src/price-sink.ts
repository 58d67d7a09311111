import type { PriceSink } from '@ta/price-import';
import {
  compareSourceRows,
  deleteSourceRows,
  findAsset,
  readSourceCloses,
  readTradingDays,
  saveAsset,
  upsertSourceRows,
  type Session,
} from '@ta/state-store';

/** The store as the sink of an import, inside the transaction of one file. */
export function priceSink(tx: Session): PriceSink {
  return {
    findAsset: (id) => findAsset(tx, id),
    saveAsset: (asset) => saveAsset(tx, asset),
    storedCloses: (id, fromTs, untilTs) => readSourceCloses(tx, id, fromTs, untilTs),
    tradingDays: async (id) => (await readTradingDays(tx, [id])).get(id) ?? null,
    compare: (rows) => compareSourceRows(tx, rows),
    removeRows: (id) => deleteSourceRows(tx, id),
    upsert: (rows) => upsertSourceRows(tx, rows),
  };
}
