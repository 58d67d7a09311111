import { describe, expect, it } from 'vitest';
import { assertAssetId, assertAssetName, assetNameOf, resolveAsset } from './asset-name.ts';

const nameless = { name: null, symbol: null };
const cardano = { name: 'Cardano', symbol: 'ADA' };

describe('resolveAsset', () => {
  it.each([
    ['the given name wins', 'Mine', cardano, { name: 'Stored', symbol: null }, { name: 'Mine', symbol: 'ADA' }],
    ['then the file', null, cardano, null, { name: 'Cardano', symbol: 'ADA' }],
    ['then the stored row', null, nameless, { name: 'Bitcoin', symbol: 'BTC' }, { name: 'Bitcoin', symbol: 'BTC' }],
    ['then a placeholder', null, nameless, null, { name: 'asset 7', symbol: null }],
    [
      'the file replaces a placeholder',
      null,
      cardano,
      { name: 'asset 7', symbol: null },
      { name: 'Cardano', symbol: 'ADA' },
    ],
    ['the stored spelling stays', null, cardano, { name: 'CARDANO', symbol: null }, { name: 'CARDANO', symbol: 'ADA' }],
    ['a stored symbol stays', null, cardano, { name: 'Cardano', symbol: 'ADA2' }, { name: 'Cardano', symbol: 'ADA2' }],
  ] as const)('%s', (_, given, file, stored, expected) => {
    expect(resolveAsset(7, given, file, stored && { id: 7, ...stored })).toEqual({ id: 7, ...expected });
  });

  it('does not write one asset over another', () => {
    expect(() => resolveAsset(1, null, cardano, { id: 1, name: 'Bitcoin', symbol: 'BTC' })).toThrow(
      'the file holds prices of "Cardano", but asset 1 is "Bitcoin"',
    );
  });
});

describe('assetNameOf', () => {
  it('does not take a quote id for a name', () => {
    expect(assetNameOf('2781')).toBeNull();
    expect(assetNameOf('')).toBeNull();
    expect(assetNameOf('Bitcoin')).toBe('Bitcoin');
  });
});

describe('option checks', () => {
  it.each([0, -1, 1.5, Number.NaN, 2_147_483_648])('refuse the id %d', (id) => {
    expect(() => assertAssetId(id)).toThrow(/id is/);
  });

  it.each(['', ' ', ' x', 'a\nb', 'a\u0000', 'x'.repeat(201), '\ud800'])('refuse the name %j', (name) => {
    expect(() => assertAssetName(name)).toThrow(/name is/);
  });

  it('accept the largest id and a name in any script', () => {
    assertAssetId(2_147_483_647);
    assertAssetName('币安人生 🚀');
  });
});
