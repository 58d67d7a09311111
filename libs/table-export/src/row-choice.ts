/** Which rows are exported. */
export interface RowChoice {
  /** Ascending; undefined for every asset. */
  readonly ids?: readonly number[];
  readonly tfs?: readonly string[];
  readonly periods?: readonly number[];
  /** Close instants, epoch ms: `fromTs` inclusive, `untilTs` exclusive. */
  readonly fromTs?: number;
  readonly untilTs?: number;
  /** Only closed bars and canonical EMAs. */
  readonly isFinalOnly?: boolean;
}
