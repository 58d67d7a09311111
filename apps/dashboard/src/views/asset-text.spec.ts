import { describe, expect, it } from 'vitest';
import { assetsMeant, assetText } from './asset-text.ts';

const ASSETS = [
  { id: 1, name: 'Bitcoin', symbol: 'BTC' },
  { id: 7, name: '42', symbol: null },
  { id: 30, name: 'Batcat', symbol: 'btc' },
  { id: 8104, name: '1inch Network', symbol: '1INCH' },
];

describe('the text of the field for the asset', () => {
  it.each([
    ['1', [1]],
    [' 8104 ', [8104]],
    ['1 Bitcoin (BTC)', [1]],
    ['7 42', [7]],
    ['bitcoin', [1]],
    ['1INCH', [8104]],
    ['1inch network ', [8104]],
    ['42', [7]],
    ['BTC', [1, 30]],
    ['1 INCH', []],
    ['1 Batcat (btc)', []],
    ['2', []],
    ['1.5', []],
    ['-1', []],
    ['', []],
  ])('%j means %j', (text, ids) => {
    expect(assetsMeant(text, ASSETS)).toStrictEqual(ids);
  });

  it('before the assets are known may be any id, and no name', () => {
    expect(assetsMeant('8104', null)).toStrictEqual([8104]);
    expect(['0', '1INCH', '1 Bitcoin (BTC)'].map((text) => assetsMeant(text, null))).toStrictEqual([[], [], []]);
  });

  it('that is offered names the id first, and the symbol where there is one', () => {
    expect(ASSETS.slice(0, 2).map(assetText)).toStrictEqual(['1 Bitcoin (BTC)', '7 42']);
  });
});
