/**
 * A bar EMA on the daily grid: the bar EMA on a bar's close, and on any other day its value if the bar closed on that day.
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

/** The four derivatives of a series. A NaN value has none, and the row after it is compared with the last known one. */
export function derivatives(v: Float64Array, isCanonical: Uint8Array) {
  const rows = Array.from(v.keys()).filter((row) => !Number.isNaN(v[row]));
  const canonical = rows.filter((row) => isCanonical[row] !== 0);
  const d1 = differences(v, canonical);
  const d1Roll = differences(v, rows);
  return { d1, d2: differences(d1, canonical), d1Roll, d2Roll: differences(d1Roll, rows) };
}

/** The value of each given row minus that of the given row before it; NaN elsewhere. */
function differences(v: Float64Array, rows: readonly number[]): Float64Array {
  const out = new Float64Array(v.length).fill(NaN);
  rows.slice(1).forEach((row, before) => (out[row] = v[row] - v[rows[before]]));
  return out;
}
