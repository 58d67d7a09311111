/** How prices are drawn and written on the price axis. */
export interface PriceFormat {
  /** Prices are drawn multiplied by this power of ten: the chart's scale has no numbers below about 1e-12. */
  readonly factor: number;
  /** Least step of the scale, in drawn units. */
  readonly minMove: number;
  /** Text of a drawn value. */
  text(drawn: number): string;
}

/** Prices below this are written with an exponent. */
const LEAST_PLAIN = 1e-6;

/** The format that follows the range of the prices; prices that are not known do not count. */
export function priceFormatOf(lows: readonly (number | null)[], highs: readonly (number | null)[]): PriceFormat {
  let [least, most, greatest, smallest] = [Infinity, -Infinity, 0, Infinity];
  for (const price of [lows, highs].flat()) {
    if (price === null) continue;
    [least, most] = [Math.min(least, price), Math.max(most, price)];
    greatest = Math.max(greatest, Math.abs(price));
    if (price !== 0) smallest = Math.min(smallest, Math.abs(price));
  }
  if (greatest > 0 && greatest < LEAST_PLAIN) return withExponent(Math.floor(Math.log10(greatest)));
  // five significant digits of the smallest price; where prices pass zero, of their range
  const scale = least > 0 ? smallest : most - least;
  const digits = scale > 0 && Number.isFinite(scale) ? Math.min(12, Math.max(2, 4 - Math.floor(Math.log10(scale)))) : 2;
  return { factor: 1, minMove: powerOfTen(-digits), text: (drawn) => drawn.toFixed(digits) };
}

function withExponent(exponent: number): PriceFormat {
  // a greater power of ten would be infinite
  const [factor, digits] = [powerOfTen(Math.min(300, -exponent)), 4];
  return {
    ...{ factor, minMove: powerOfTen(-digits) },
    text: (drawn) => (drawn === 0 ? '0' : (drawn / factor).toExponential(digits)),
  };
}

/** The nearest number to a power of ten, which `**` may miss by a bit. */
function powerOfTen(exponent: number): number {
  return Number(`1e${exponent}`);
}

/** Whether all prices are above zero, so that a logarithmic scale can show them. */
export function isPositive(lows: readonly (number | null)[]): boolean {
  return lows.every((low) => low === null || low > 0);
}
