/**
 * Index of the first value `>= value` in an ascending column; `length` when there is none.
 *
 * @param length number of entries to search; all by default
 */
export function firstIndexAtOrAfter(ascending: ArrayLike<number>, value: number, length = ascending.length): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the first value `> value` in an ascending column, which equals the number of entries `<= value`. */
export function firstIndexAfter(ascending: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
