import { describe, expect, it } from 'vitest';
import { dimensionSeeds } from './dimension-seeds.ts';

describe('the rows of ema_alpha_lookup', () => {
  const { timeframes, periods, alphas } = dimensionSeeds();

  it('are those of every period and every timeframe that is not shorter than a day', () => {
    const expected = timeframes.filter((row) => !row.isIntraday).flatMap(({ tf }) => periods.map((n) => `${tf}/${n}`));
    expect(alphas.map(({ tf, period }) => `${tf}/${period}`)).toEqual(expected);
  });

  it('count the periods of a timeframe from 1 on, the shortest first', () => {
    const weekly = alphas.filter(({ tf }) => tf === '7D');
    expect(weekly.map(({ displayOrder }) => displayOrder)).toEqual(periods.map((_, index) => index + 1));
    expect(periods).toEqual([...periods].sort((a, b) => a - b));
  });

  it('have the factors of the formulas', () => {
    expect(alphas.find(({ tf, period }) => tf === '7D' && period === 10)).toMatchObject({
      tfDaysNominal: 7,
      alphaBar: 2 / 11,
      alphaEmaDailyspace: 2 / 71,
      alphaBarPreviewDaily: expect.closeTo(1 - (9 / 11) ** (1 / 7), 15) as number,
    });
  });
});
