import {
  openDatabase,
  readAssets,
  readBarSeries,
  readEmaSeries,
  resolveDatabaseTarget,
  type AssetRow,
  type BarSeries,
  type BarSeriesRequest,
  type EmaSeries,
  type EmaSeriesRequest,
} from '@ta/state-store';

/** A database opened to read bars and EMAs; every call is a read-only transaction. */
export interface Store {
  assets(): Promise<AssetRow[]>;
  /** Bars of one asset and timeframe as typed arrays. */
  bars(request: BarSeriesRequest): Promise<BarSeries>;
  /** EMAs of one asset and timeframe as typed arrays, one column per period. */
  emas(request: EmaSeriesRequest): Promise<EmaSeries>;
  close(): Promise<void>;
}

/**
 * Opens a database for a notebook: a PostgreSQL URL, or the folder of an embedded one (`.data/pg`, `.demo/pg`), which one
 * program at a time can have: close it when you are done.
 * @throws StoreError
 */
export async function openStore(place: string): Promise<Store> {
  const isUrl = /^postgres(ql)?:/.test(place);
  const choice = isUrl ? { dbUrl: place, env: {} } : { env: { DB_DIR: place } };
  const database = await openDatabase(resolveDatabaseTarget({ ...choice, workspaceRoot: process.cwd() }));
  const options = { readOnly: true } as const;
  return {
    assets: () => database.transaction((tx) => readAssets(tx), options),
    bars: (request) => database.transaction((tx) => readBarSeries(tx, request), options),
    emas: (request) => database.transaction((tx) => readEmaSeries(tx, request), options),
    close: () => database.close(),
  };
}
