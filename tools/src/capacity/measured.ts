/** What was measured on one machine; everything that is computed here starts from it. Bytes are bytes on disk. */
export interface Measured {
  /** The machine and the date of the measurement. */
  readonly machine: string;
  readonly date: string;
  /** Assets and days with which the costs were measured. */
  readonly assets: number;
  readonly days: number;
  /** Rows of one asset after that many days, ascending by days; the first is 0 days. */
  readonly rowsByAge: readonly { readonly days: number; readonly bars: number; readonly emas: number }[];
  /** Share of closed bars and canonical EMAs among all rows. */
  readonly finalShare: { readonly bars: number; readonly emas: number };
  /** Bytes of a row in the table, and its share of the indexes. */
  readonly bytesPerRow: {
    readonly bars: { readonly heap: number; readonly index: number };
    readonly emas: { readonly heap: number; readonly index: number };
  };
  /** Bytes of everything else (source, daily bars, state), per asset and day of history. */
  readonly otherBytesPerAssetDay: number;
  /** The largest table and its share of all bytes. */
  readonly largest: { readonly table: string; readonly share: number };
  /** A first build, per million rows written. */
  readonly build: Cost;
  /** One more day, per asset. */
  readonly day: Cost;
  /** A first build and one more day with the big tables in partitions by id. */
  readonly partitioned: { readonly partitions: number; readonly build: Cost; readonly day: Cost };
  /** Seconds of a run that finds nothing to do, start of the process included. */
  readonly idleRunSeconds: number;
}

/** Wall-clock seconds with four ids at a time on two cores, CPU seconds, and bytes of write-ahead log. */
export interface Cost {
  readonly seconds: number;
  readonly nodeCpuSeconds: number;
  readonly serverCpuSeconds: number;
  readonly walBytes: number;
}
