import { firstIndexAtOrAfter, ONE_DAY_MS } from '@ta/bars-core/engine';
import { emaBounds } from '@ta/ema-core/engine';

/** Lowest and highest close of any window that ends at a row. */
export interface PriceBounds {
  /**
   * The bounds of a window; of all rows up to its last one once a close was at or below 0.
   *
   * @param row index of the window's last row
   * @param days length of the window: the rows from `days` × 24 h before that row on, inclusive
   */
  of(row: number, days: number): { readonly lo: number; readonly hi: number };
  /**
   * Whether a value lies below half of the lowest or above twice the highest close of such a window; once a close was at or below 0,
   * whether it lies outside of all closes up to the row.
   */
  isOutside(value: number, row: number, days: number): boolean;
}

/**
 * Prepares the bounds: lowest and highest of all runs of 2, 4, 8 … rows, so that any window is covered by two of them.
 * @param ts ascending instants, epoch ms
 * @param close a close per instant; NaN is ignored
 */
export function priceBounds(ts: Float64Array, close: Float64Array): PriceBounds {
  const least = [Float64Array.from(close, (value) => (value !== value ? Infinity : value))];
  const most = [Float64Array.from(close, (value) => (value !== value ? -Infinity : value))];
  for (let width = 2; width <= close.length; width *= 2) {
    const [lo, hi] = [least[least.length - 1], most[most.length - 1]];
    const length = close.length - width + 1;
    least.push(Float64Array.from({ length }, (_, i) => Math.min(lo[i], lo[i + width / 2])));
    most.push(Float64Array.from({ length }, (_, i) => Math.max(hi[i], hi[i + width / 2])));
  }
  const allLeast = running(least[0], Math.min);
  const allMost = running(most[0], Math.max);
  const firstOf = (row: number, days: number) => firstIndexAtOrAfter(ts, ts[row] - days * ONE_DAY_MS, row);
  return {
    of(row, days) {
      if (allLeast[row] <= 0) return { lo: allLeast[row], hi: allMost[row] };
      const from = firstOf(row, days);
      const level = levelOf(row - from + 1);
      const tail = row - 2 ** level + 1;
      return {
        lo: Math.min(least[level][from], least[level][tail]),
        hi: Math.max(most[level][from], most[level][tail]),
      };
    },
    isOutside(value, row, days) {
      if (allLeast[row] <= 0) {
        const { lo, hi } = emaBounds(allLeast[row], allMost[row]);
        return value < lo || value > hi;
      }
      const from = firstOf(row, days);
      const level = levelOf(row - from + 1);
      const tail = row - 2 ** level + 1;
      const half = value * 2;
      if (half < least[level][from] && half < least[level][tail]) return true;
      const double = value / 2;
      return double > most[level][from] && double > most[level][tail];
    },
  };
}

/** The least, or greatest, of the values up to and including each. */
function running(values: Float64Array, best: (a: number, b: number) => number): Float64Array {
  const out = values.slice();
  for (let i = 1; i < out.length; i++) out[i] = best(out[i - 1], out[i]);
  return out;
}

/** Greatest `n` with 2^n at most `length`. */
function levelOf(length: number): number {
  return 31 - Math.clz32(length);
}
