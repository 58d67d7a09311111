/**
 * A bar EMA on the daily grid: on a close the bar EMA, on any other day what it would be if the bar closed now.
 *
 * @param closeIndex ascending positions in `x` where a bar closes
 * @param barEma EMA per bar; NaN before its seed
 */
export function memorylessPreviews(
  x: Float64Array,
  closeIndex: readonly number[],
  barEma: Float64Array,
  alphaBar: number,
): Float64Array {
  let lastBar = NaN;
  let bar = 0;
  return x.map((close, row) => {
    if (closeIndex[bar] !== row) return alphaBar * close + (1 - alphaBar) * lastBar;
    lastBar = barEma[bar++];
    return lastBar;
  });
}

/** The four derivatives of a series; a NaN value is no row: it gets none, and the next row looks past it. */
export function derivatives(v: Float64Array, isCanonical: Uint8Array) {
  const rows = Array.from(v.keys()).filter((row) => !Number.isNaN(v[row]));
  const canonical = rows.filter((row) => isCanonical[row] !== 0);
  const d1 = differences(v, canonical);
  const d1Roll = differences(v, rows);
  return { d1, d2: differences(d1, canonical), d1Roll, d2Roll: differences(d1Roll, rows) };
}

/** Each value among the given rows minus the one before; NaN elsewhere. */
function differences(v: Float64Array, rows: readonly number[]): Float64Array {
  const out = new Float64Array(v.length).fill(NaN);
  rows.slice(1).forEach((row, before) => (out[row] = v[row] - v[rows[before]]));
  return out;
}
