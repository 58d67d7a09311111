import { describe, expect, it } from 'vitest';
import { isPositive, priceFormatOf } from './price-format.ts';

/** What the axis says at the least, middle and greatest price. */
function axis(...prices: (number | null)[]): string[] {
  const format = priceFormatOf(prices, prices);
  const known = prices.filter((price) => price !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  return [least, (least + most) / 2, most].map((price) => format.text(price * format.factor));
}

describe('the price axis', () => {
  it.each([
    [
      [2.9e-14, 3.1e-14],
      ['2.9000e-14', '3.0000e-14', '3.1000e-14'],
    ],
    [
      [5e-324, 1e-300],
      ['4.9407e-324', '5.0000e-301', '1.0000e-300'],
    ],
    [
      [0, 4e-9],
      ['0', '2.0000e-9', '4.0000e-9'],
    ],
    [
      [-4e-9, 4e-9],
      ['-4.0000e-9', '0', '4.0000e-9'],
    ],
    [
      [0.00002, 0.00004],
      ['0.000020000', '0.000030000', '0.000040000'],
    ],
    [
      [98.5, 101.5],
      ['98.500', '100.000', '101.500'],
    ],
    [
      [-37.63, 18.27],
      ['-37.630', '-9.680', '18.270'],
    ],
    [
      [-0.0001, 65_000],
      ['0.00', '32500.00', '65000.00'],
    ],
    [
      [60_000, null, 70_000],
      ['60000.00', '65000.00', '70000.00'],
    ],
    [
      [0, 0],
      ['0.00', '0.00', '0.00'],
    ],
  ])('of prices %j has numbers', (prices, texts) => {
    expect(axis(...prices).map((text) => text.replace(/^-(0\.00)$/, '$1'))).toStrictEqual(texts);
  });

  it('is drawn where the scale of the chart has numbers', () => {
    for (const exponent of [-300, -30, -14, -7]) {
      const { factor, minMove } = priceFormatOf([3 * 10 ** exponent], [4 * 10 ** exponent]);
      expect(4 * 10 ** exponent * factor).toBeCloseTo(4, 9);
      expect(minMove).toBe(0.0001);
    }
  });

  it('is offered as a logarithmic one where all prices are above zero', () => {
    expect(isPositive([1, null, 1e-300])).toBe(true);
    expect(isPositive([1, 0])).toBe(false);
    expect(isPositive([1, -37])).toBe(false);
  });
});
