import { EmaError } from '../errors.ts';
import { COLUMNS_PER_SERIES } from './series-cells.ts';

/**
 * Columns that receive EMA rows, already in key order (row, timeframe, period): the cell of period `p` of a timeframe in block
 * row `i` is `i·stride + offset + p`, with the timeframe's own `offset`. NaN in `ema` means that the period is not seeded yet (no
 * row is stored); NaN in a derivative means that it is undefined (NULL). The `…Bar` columns are empty unless the variant is a
 * calendar one.
 */
export type EmaBlock = Readonly<ReturnType<typeof createEmaBlock>>;

/** The cells of one timeframe in a block. */
export interface BlockPlace {
  readonly block: EmaBlock;
  /** Block row of the first input row. */
  readonly firstRow: number;
  /**
   * First cell of the timeframe within a row: the index of the timeframe × the number of periods, if all have the same number.
   */
  readonly offset: number;
  /** Index of the timeframe within a row. */
  readonly tfOffset: number;
}

/** Shape of a block. */
export interface EmaBlockShape {
  readonly rows: number;
  /** Number of timeframes that share the block. */
  readonly timeframes: number;
  /** Number of periods of each timeframe. */
  readonly periods: number;
  /** Whether the second series `ema_bar` is wanted. */
  readonly withBar: boolean;
}

/**
 * Allocates a block in which all cells are NaN and all rows previews. It can be reused for further rows, because `advanceVariant`
 * writes every cell of its rows.
 * @throws EmaError `EMA_BAD_INPUT`
 */
export function createEmaBlock(shape: EmaBlockShape) {
  const { rows, timeframes, periods, withBar } = shape;
  for (const [name, value] of [
    ['rows', rows],
    ['timeframes', timeframes],
    ['periods', periods],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new EmaError('EMA_BAD_INPUT', `${name} is ${value}; expected a whole number of at least 0`);
    }
  }
  const stride = timeframes * periods;
  const columnLength = rows * stride;
  const cells = new Float64Array(columnLength * (withBar ? 2 : 1) * COLUMNS_PER_SERIES).fill(NaN);
  const column = (index: number) => cells.subarray(index * columnLength, (index + 1) * columnLength);
  return {
    rows,
    /** Cells per row: timeframes × periods. */
    stride,
    /** Cells per column: rows × stride. */
    columnLength,
    /**
     * All columns one after the other, in the order below; the columns are views of this array, and a single array keeps the
     * inner loops short.
     */
    cells,
    ema: column(0),
    d1: column(1),
    d2: column(2),
    d1Roll: column(3),
    d2Roll: column(4),
    emaBar: column(5),
    d1Bar: column(6),
    d2Bar: column(7),
    d1RollBar: column(8),
    d2RollBar: column(9),
    /** 0 on canonical rows, 1 on previews; one per (row, timeframe) at `i·tfStride + tfOffset`. Also serves as `roll_bar`. */
    roll: new Uint8Array(rows * timeframes).fill(1),
    /** Timeframes per row. */
    tfStride: timeframes,
  };
}
