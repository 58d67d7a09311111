import { describe, expect, it } from 'vitest';
import { assertAssetId, assertAssetName, assetNameOf, resolveAsset } from './asset-name.ts';

const nameless = { name: null, symbol: null };
const cardano = { name: 'Cardano', symbol: 'ADA' };

describe('resolveAsset', () => {
  it.each([
    ['the stored name stays', 'Mine', cardano, { name: 'Stored', symbol: null }, { name: 'Stored', symbol: 'ADA' }],
    ['then the given one', 'Mine', cardano, null, { name: 'Mine', symbol: 'ADA' }],
    ['then that of the file', null, cardano, null, { name: 'Cardano', symbol: 'ADA' }],
    ['then a placeholder', null, nameless, null, { name: 'asset 7', symbol: null }],
    ['the file replaces a placeholder', null, cardano, { name: 'asset 7', symbol: null }, cardano],
    [
      'the given name replaces a placeholder',
      'M',
      nameless,
      { name: 'asset 7', symbol: 'X' },
      { name: 'M', symbol: 'X' },
    ],
    ['the stored spelling stays', null, cardano, { name: 'CARDANO', symbol: null }, { name: 'CARDANO', symbol: 'ADA' }],
    ['a stored symbol stays', null, cardano, { name: 'Cardano', symbol: 'ADA2' }, { name: 'Cardano', symbol: 'ADA2' }],
  ] as const)('%s', (_, given, file, stored, expected) => {
    const found = stored && { id: 7, ...stored, isCloseOnly: false };
    expect(resolveAsset(7, given, file, found, false)).toEqual({ id: 7, ...expected, isCloseOnly: false });
  });

  it('an asset of closes alone stays one', () => {
    const stored = { id: 7, name: 'Cardano', symbol: null, isCloseOnly: true };
    expect(resolveAsset(7, null, nameless, stored, false).isCloseOnly).toBe(true);
    expect(resolveAsset(7, null, nameless, null, true).isCloseOnly).toBe(true);
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
