import { describe, expect, it } from 'vitest';
import { createState, push, restore, serialize } from './state.ts';

describe('state of the kernel', () => {
  it('continues where it stopped', () => {
    const state = createState([{ n: 3 }]);
    expect([...push(state, [10, 11])]).toEqual([NaN, NaN]);
    expect([...push(state, [12, 13])]).toEqual([11, 12]);
    expect(state.inputsSeen).toBe(4);
  });

  it('survives JSON with signed zeros, infinities and NaN', () => {
    const zero = createState([{ n: 3 }], { seed: { value: -0 } });
    expect(restore(JSON.parse(JSON.stringify(serialize(zero)))).lanes.prev[0]).toBe(-0);
    const state = createState([{ n: 1 }, { n: 3 }]);
    push(state, [Infinity]);
    const read = restore(JSON.parse(JSON.stringify(serialize(state))));
    expect([...read.lanes.prev]).toEqual([Infinity, NaN]);
    expect(read).toEqual(state);
  });

  it('hashes specs and options, not the numbers', () => {
    const state = createState([{ n: 3 }]);
    const { hash } = state;
    push(state, [1, 2, 3]);
    expect(state.hash).toBe(hash);
    expect(createState([{ n: 3 }]).hash).toBe(hash);
    expect(createState([{ n: 4 }]).hash).not.toBe(hash);
    expect(createState([{ n: 3, alpha: 0.4 }]).hash).not.toBe(hash);
    expect(createState([{ n: 3 }], { minPeriods: 2 }).hash).not.toBe(hash);
    expect(createState([{ n: 3 }], { nan: 'mask' }).hash).not.toBe(hash);
  });

  it('is left alone by an input that is refused', () => {
    const state = createState([{ n: 2 }], { nan: 'throw' });
    push(state, [1]);
    const before = serialize(state);
    expect(() => push(state, [2, NaN])).toThrow(
      expect.objectContaining({ code: 'EMA_NAN_INPUT', context: { index: 2 } }),
    );
    expect(serialize(state)).toEqual(before);
  });

  const good = serialize(createState([{ n: 3 }]));
  it.each([
    ['another kernel', { ...good, kernelVersion: 0 }],
    ['another hash', { ...good, hash: '0000000000000000' }],
    ['other specs than the hash was made for', { ...good, specs: [{ n: 3, alpha: 0.4, warmup: 3 }] }],
    ['other options than the hash was made for', { ...good, options: { ...good.options, nan: 'mask' as const } }],
    ['a column of the wrong length', { ...good, prev: [] }],
    ['text that is not a number', { ...good, sum: ['1,5'] }],
    ['a negative count of inputs', { ...good, inputsSeen: -1 }],
  ])('%s is refused', (_name, json) => {
    expect(() => restore(json)).toThrow(expect.objectContaining({ code: 'EMA_BAD_STATE' }));
  });
});
