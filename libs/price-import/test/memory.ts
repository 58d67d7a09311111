import type { TradingDays } from '@ta/bars-core/engine';
import type { AssetRecord, PriceFile, PriceSink, SourceBatch, StoredCloses, UpsertCounts } from '../src/index.ts';
import { NUMBER_COLUMNS } from '../src/source-batch.ts';

/** A price file held in memory, delivered in chunks of `chunkBytes`. */
export function memoryFile(content: string | Uint8Array, chunkBytes = 64, name = 'prices.csv'): PriceFile {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return {
    name,
    sizeBytes: bytes.length,
    async *open() {
      for (let from = 0; from < bytes.length; from += chunkBytes) yield bytes.subarray(from, from + chunkBytes);
    },
  };
}

/** One stored row: the number columns in the order of `NUMBER_COLUMNS`, then day, name and source file. */
export type StoredRow = (number | string | null)[];

/** A sink with the upsert semantics of the store, keeping rows by `(id, ts)`. */
export class MemorySink implements PriceSink {
  readonly assets = new Map<number, AssetRecord>();
  readonly rows = new Map<string, StoredRow>();
  /** On which days the assets trade; null is every day. */
  trading: TradingDays | null = null;

  async tradingDays(): Promise<TradingDays | null> {
    return this.trading;
  }

  async findAsset(id: number): Promise<AssetRecord | null> {
    return this.assets.get(id) ?? null;
  }

  async saveAsset(asset: AssetRecord): Promise<void> {
    this.assets.set(asset.id, asset);
  }

  async storedCloses(id: number, fromTs: number, untilTs: number): Promise<StoredCloses> {
    const rows = [...this.#rowsOf(id)]
      .map(([, row]) => row as number[])
      .filter(([ts]) => ts >= fromTs && ts <= untilTs);
    rows.sort(([a], [b]) => a - b);
    const closeAt = NUMBER_COLUMNS.indexOf('close');
    return { ts: Float64Array.from(rows, ([ts]) => ts), close: Float64Array.from(rows, (row) => row[closeAt]) };
  }

  async removeRows(id: number): Promise<number> {
    const keys = [...this.#rowsOf(id)].map(([key]) => key);
    for (const key of keys) this.rows.delete(key);
    return keys.length;
  }

  #rowsOf(id: number): [string, StoredRow][] {
    return [...this.rows].filter(([key]) => key.startsWith(`${id}/`));
  }

  async compare(batch: SourceBatch): Promise<UpsertCounts> {
    const counts = { inserted: 0, updated: 0, unchanged: 0, outcomes: new Uint8Array(batch.length) };
    for (let row = 0; row < batch.length; row++) {
      const stored = this.rows.get(keyOf(batch, row));
      const isSame = stored !== undefined && cellsOf(batch, row).every((cell, at) => Object.is(cell, stored[at]));
      counts.outcomes[row] = isSame ? 0 : stored === undefined ? 1 : 2;
      counts[isSame ? 'unchanged' : stored === undefined ? 'inserted' : 'updated']++;
    }
    return counts;
  }

  async upsert(batch: SourceBatch): Promise<UpsertCounts> {
    const counts = await this.compare(batch);
    for (let row = 0; row < batch.length; row++) this.rows.set(keyOf(batch, row), cellsOf(batch, row));
    return counts;
  }
}

const keyOf = (batch: SourceBatch, row: number): string => `${batch.id}/${batch.ts[row]}`;

function cellsOf(batch: SourceBatch, row: number): StoredRow {
  const numbers = NUMBER_COLUMNS.map((column) => batch[column][row]);
  return [...numbers, batch.day[row], batch.name[row], batch.sourceFile[row]];
}

/** The header of the CoinMarketCap export as it is downloaded, blanks included. */
export const CMC_HEADER =
  'timeOpen,timeClose,timeHigh,timeLow,name, open , high , low , close , volume , marketCap ,timestamp';

/** A line of the CoinMarketCap export for a day; `cells` replaces single columns. */
export function cmcLine(day: string, cells: Partial<Record<string, string>> = {}, delimiter = ','): string {
  const row: Record<string, string | undefined> = {
    timeOpen: `${day}T00:00:00.000Z`,
    timeClose: `${day}T23:59:59.999Z`,
    timeHigh: `${day}T15:00:00.000Z`,
    timeLow: `${day}T05:00:00.000Z`,
    name: '2781',
    open: '100',
    high: '110.5',
    low: '95',
    close: '101.25',
    volume: '1000',
    marketCap: '2.28E+12',
    timestamp: `${day}T23:59:59.999Z`,
    ...cells,
  };
  return Object.values(row).join(delimiter);
}

/** The header of the research set. */
export const RESEARCH_HEADER = 'SNo,Name,Symbol,Date,High,Low,Open,Close,Volume,Marketcap';

/** A line of the research set for a day; `cells` replaces single columns. */
export function researchLine(day: string, cells: Partial<Record<string, string>> = {}): string {
  const row: Record<string, string | undefined> = {
    SNo: '1',
    Name: 'Ethereum',
    Symbol: 'ETH',
    Date: `${day} 23:59:59`,
    High: '2.79',
    Low: '0.71',
    Open: '1.5',
    Close: '0.75',
    Volume: '674188.0',
    Marketcap: '45486894.2408',
    ...cells,
  };
  return Object.values(row).join(',');
}
