import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { importPrices, priceFileAt, type SourceBatch } from '@ta/price-import';

const WORKSPACE_ROOT = resolve(import.meta.dirname, '../../..');
const FILES = ['btc-cmc-export.csv', 'coin_Ethereum.csv', 'coin_Dogecoin.csv', 'coin_Cardano.csv'];

/** Folder of the real price files: `prices` in `TA_SHARED_DIR`, by default in `shared` beside the workspace. */
export const PRICES_FOLDER = join(process.env['TA_SHARED_DIR'] ?? resolve(WORKSPACE_ROOT, '../shared'), 'prices');

/** Reads the real price files as the import does, each as one batch; none when the folder is missing, which is said. */
export async function readRealPrices(): Promise<SourceBatch[]> {
  if (!existsSync(PRICES_FOLDER)) {
    process.stderr.write(`\nSKIPPED real prices: ${PRICES_FOLDER} is missing (set TA_SHARED_DIR)\n\n`);
    return [];
  }
  const batches: SourceBatch[] = [];
  for (const file of FILES) {
    const sink = {
      findAsset: async () => null,
      saveAsset: async () => undefined,
      storedCloses: async () => ({ ts: new Float64Array(), close: new Float64Array() }),
      tradingDays: async () => null,
      removeRows: async () => 0,
      compare: async ({ length }: SourceBatch) => allNew(length),
      async upsert(batch: SourceBatch) {
        batches.push(batch);
        return allNew(batch.length);
      },
    };
    await importPrices(await priceFileAt(join(PRICES_FOLDER, file)), { id: 1, sink });
  }
  return batches;
}

function allNew(length: number) {
  return { inserted: length, updated: 0, unchanged: 0, outcomes: new Uint8Array(length).fill(1) };
}
