/** The columns of a snapshot that are compared. */
export const PRICES = ['open', 'high', 'low', 'close', 'volume'] as const;

/** Prices as columns of one length. */
export type PriceColumns<Column extends ArrayLike<number> = ArrayLike<number>> = Readonly<
  Record<(typeof PRICES)[number], Column>
>;

/** The numberings of days that bars are counted in. */
export const UNITS = ['row', 'isoWeek', 'usWeek', 'month', 'year'] as const;

/** Days of one asset, each with its row, week, month and year numbers, as a table of calendar days would have them. */
export type Days = PriceColumns<Float64Array> & Readonly<Record<(typeof UNITS)[number], Int32Array>>;

/** How a timeframe groups days into bars: bar number `⌊(unit − origin) / quantity⌋`, or no bar if that is negative. */
export interface BarRule {
  /** The numbering that bars are counted in, as its index in {@link UNITS}. */
  readonly unit: number;
  readonly quantity: number;
  readonly origin: number;
}

/** A general engine that holds the days and the rules of the timeframes, and computes the snapshots from them. */
export interface SnapshotPeer {
  readonly name: string;
  /** Computes the snapshots of all timeframes and keeps them in the engine's own memory. */
  readonly compute: () => Promise<void>;
  /** The snapshots of the last computation: timeframe by timeframe in the order of the rules, day by day. */
  readonly read: () => Promise<PriceColumns>;
  readonly close: () => void;
}
