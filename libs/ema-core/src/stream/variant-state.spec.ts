import { describe, expect, it } from 'vitest';
import { advanceVariant } from './advance-variant.ts';
import { createEmaBlock } from './ema-block.ts';
import { variantParamsHash, type VariantSpec } from './variant-spec.ts';
import { copyVariantState, decodeVariantState, encodeVariantState, openVariantState } from './variant-state.ts';

const SPEC: VariantSpec = { variant: 'cal', periods: [1, 3], tfDays: 7 };

function advanced(spec: VariantSpec) {
  const state = openVariantState(spec);
  const x = Float64Array.of(5, 6, 7, 8);
  const block = createEmaBlock({ rows: 4, timeframes: 1, periods: spec.periods.length, withBar: true });
  const input = { x, closed: Uint8Array.of(0, 1, 0, 1), closePx: x };
  advanceVariant(state, input, 0, 4, { block, firstRow: 0, offset: 0, tfOffset: 0 });
  return state;
}

describe('state of a variant', () => {
  it('opens empty', () => {
    const state = openVariantState(SPEC);
    expect(state.numbers).toHaveLength(9 * 2);
    expect(state.numbers.every(Number.isNaN)).toBe(true);
    expect([state.rowsSeen, state.barsSeen, state.seededCount]).toEqual([0, 0, 0]);
  });

  it('keeps as many doubles as its variant needs', () => {
    const lengths = (['v2', 'multi_tf', 'cal', 'cal_anchor'] as const).map(
      (variant) => encodeVariantState(openVariantState({ ...SPEC, variant })).length,
    );
    expect(lengths).toEqual([10 + 8, 10 + 10, 10 + 18, 10 + 18]);
  });

  it('knows what it has seen', () => {
    const state = advanced(SPEC);
    expect(state).toMatchObject({ rowsSeen: 4, barsSeen: 2, runLength: 2, seedSum: 14, seededCount: 1 });
    // from the first close on
    expect(state).toMatchObject({ priceMin: 6, priceMax: 8 });
  });

  it('is read back to the bit', () => {
    for (const variant of ['multi_tf', 'cal', 'cal_anchor', 'v2'] as const) {
      const state = advanced({ ...SPEC, variant });
      expect(decodeVariantState(state.spec, encodeVariantState(state))).toEqual(state);
      const empty = openVariantState(state.spec);
      expect(decodeVariantState(state.spec, Array.from(encodeVariantState(empty)))).toEqual(empty);
    }
  });

  it('is independent of its copy', () => {
    const state = advanced(SPEC);
    const copy = copyVariantState(state);
    copy.numbers[0] = -1;
    copy.rowsSeen = 9;
    expect(state.numbers[0]).not.toBe(-1);
    expect(state.rowsSeen).toBe(4);
  });

  const encoded = encodeVariantState(advanced(SPEC));
  const changed = (at: number, value: number) => encoded.map((old, i) => (i === at ? value : old));
  it.each<[string, VariantSpec, Float64Array]>([
    ['of another length', SPEC, encoded.subarray(1)],
    ['of another layout', SPEC, changed(0, 0)],
    ['of another variant', { ...SPEC, variant: 'cal_anchor' }, encoded],
    ['of another timeframe', { ...SPEC, tfDays: 14 }, encoded],
    ['of another preview policy', { ...SPEC, previewPolicy: 'memoryless_bar' }, encoded],
    ['of other periods', { ...SPEC, periods: [1, 4] }, encoded],
    ['with a row count that is none', SPEC, changed(3, 1.5)],
    ['with more bars than rows', SPEC, changed(4, 5)],
    ['with a run beyond the longest seed', SPEC, changed(5, 4)],
    ['with more seeded periods than there are', SPEC, changed(7, 3)],
  ])('%s is refused', (_name, spec, numbers) => {
    expect(() => decodeVariantState(spec, numbers)).toThrow(expect.objectContaining({ code: 'EMA_BAD_STATE' }));
  });
});

describe('parameters of a variant', () => {
  it('hash to different texts when a number could differ, and not when periods do', () => {
    const variants = ['multi_tf', 'cal', 'cal_anchor', 'v2'] as const;
    const hashes = variants.flatMap((variant) =>
      [1, 7, 14, 30].map((tfDays) => variantParamsHash({ variant, periods: [6], tfDays })),
    );
    expect(new Set(hashes).size).toBe(16);
    expect(hashes.every((hash) => /^[0-9a-f]{16}$/.test(hash))).toBe(true);
    expect(variantParamsHash({ ...SPEC, periods: [9] })).toBe(variantParamsHash(SPEC));
    expect(variantParamsHash({ ...SPEC, previewPolicy: 'memoryless_bar' })).not.toBe(variantParamsHash(SPEC));
    expect(variantParamsHash({ ...SPEC, previewPolicy: 'chained_daily_space' })).toBe(variantParamsHash(SPEC));
  });

  it('hash to the same text as ever: a stored state depends on it', () => {
    // recorded once; a change here forces a rebuild of every stored series
    expect(variantParamsHash({ variant: 'multi_tf', periods: [6], tfDays: 7 })).toBe('8858f26052a314aa');
  });

  it.each<[Partial<VariantSpec>, string]>([
    [{ periods: [] }, 'EMA_BAD_PERIOD'],
    [{ periods: [9, 6] }, 'EMA_BAD_PERIOD'],
    [{ tfDays: 0 }, 'EMA_BAD_PERIOD'],
    [{ tfDays: 30.4 }, 'EMA_BAD_PERIOD'],
    [{ variant: 'daily' as never }, 'EMA_BAD_OPTION'],
    [{ previewPolicy: 'linear' as never }, 'EMA_BAD_OPTION'],
    [{ variant: 'v2', previewPolicy: 'memoryless_bar' }, 'EMA_BAD_OPTION'],
  ])('%j is refused', (change, code) => {
    expect(() => openVariantState({ ...SPEC, ...change })).toThrow(expect.objectContaining({ code }));
  });
});
