import { describe, expect, it } from 'vitest';
import { randomWalk } from '../bench/random-walk.ts';
import { ema } from './batch.ts';
import { EMA_CONVENTIONS } from './conventions.ts';
import { emas, emaStream } from './emas.ts';
import { ewmVar } from './ewm.ts';

const X = [10, 11, 12, 13, 14, 15];

describe('EMAs of many periods', () => {
  it('one call gives every period, each as ema does', () => {
    const all = emas(X, [2, 3, 9]);
    expect([...all.keys()]).toEqual([2, 3, 9]);
    for (const n of [2, 3, 9]) expect(all.get(n)).toEqual(ema(X, n));
  });

  it('close by close is bit for bit the same', () => {
    const x = Array.from({ length: 200 }, (_, i) => 100 + 10 * Math.sin(i) + i / 7);
    for (const options of Object.values(EMA_CONVENTIONS)) {
      const all = emas(x, [3, 21], options);
      const stream = emaStream([3, 21], options);
      x.forEach((close, i) => {
        const [short, long] = stream.next(close);
        if (i === 0 || i === 20)
          expect(stream.isReady).toBe(
            options === EMA_CONVENTIONS.ta || ('nan' in options && options.nan === 'propagate') ? i === 20 : true,
          );
        expect(Object.is(short, all.get(3)?.[i]) && Object.is(long, all.get(21)?.[i])).toBe(true);
      });
    }
  });

  it.each([[[]], [[3, 3]], [3], [undefined], [new Set([3])], [Int32Array.of(3, 9)]])(
    'no period, a period twice and what is no array (%j) are refused',
    (periods) => {
      const bad = expect.objectContaining({
        code: 'EMA_BAD_PERIOD',
        message: expect.stringContaining('periods are') as string,
      }) as unknown;
      expect(() => emas(X, periods as number[])).toThrow(bad);
      expect(() => emaStream(periods as number[])).toThrow(bad);
    },
  );

  it('an option of null is one that is left out', () => {
    const none = { seed: null, minPeriods: null, adjust: null, ignoreNa: null, nan: null } as never;
    for (const parameter of [3, { wilder: 3 }, { halfLife: 2 }]) {
      expect([...ema(X, parameter, none)]).toStrictEqual([...ema(X, parameter)]);
      expect([...ewmVar(X, parameter, { seed: null } as never)]).toStrictEqual([...ewmVar(X, parameter)]);
    }
    const weighted = { ...EMA_CONVENTIONS.pandas, seed: null } as never;
    expect([...ema(X, 3, weighted)]).toStrictEqual([...ema(X, 3, EMA_CONVENTIONS.pandas)]);
  });
});

describe('a stream', () => {
  const x = Array.from({ length: 60 }, (_, i) => (i % 11 === 7 ? null : 100 + 10 * Math.sin(i) + i / 7));
  const CONVENTIONS = Object.entries(EMA_CONVENTIONS);

  it.each(CONVENTIONS)('of %s: the newest close can be taken again, as often as it changes', (_, options) => {
    const revised = emaStream([2, 9], options);
    const plain = emaStream([2, 9], options);
    for (const close of x) {
      revised.next(1e6);
      revised.replaceLast(null);
      revised.replaceLast(-3);
      expect([...revised.replaceLast(close)]).toStrictEqual([...plain.next(close)]);
    }
  });

  it.each(CONVENTIONS)('of %s goes on from its snapshot, and can still replace the newest close', (_, options) => {
    for (const cut of [0, 1, 5, 30]) {
      const whole = emaStream([2, 9], options);
      const first = emaStream([2, 9], options);
      for (const close of x.slice(0, cut)) {
        whole.next(close);
        first.next(close);
      }
      const json = JSON.stringify(first.snapshot());
      const second = emaStream([2, 9], options).restore(JSON.parse(json) as ReturnType<typeof first.snapshot>);
      expect([...second.values]).toStrictEqual([...whole.values]);
      if (cut > 0) expect([...second.replaceLast(7)]).toStrictEqual([...whole.replaceLast(7)]);
      for (const close of x.slice(cut)) expect([...second.next(close)]).toStrictEqual([...whole.next(close)]);
    }
  });

  it('is ready when every EMA has a value', () => {
    const stream = emaStream([2, 4]);
    expect(X.map((close) => (stream.next(close), stream.isReady))).toEqual([false, false, false, true, true, true]);
  });

  it('has no close to replace before the first, and refuses the snapshot of another one', () => {
    const bad = expect.objectContaining({ code: 'EMA_BAD_STATE' }) as unknown;
    expect(() => emaStream([2]).replaceLast(1)).toThrow(bad);
    const snapshot = emaStream([2]).snapshot();
    expect(() => emaStream([3]).restore(snapshot)).toThrow(bad);
    expect(() => emaStream([2], EMA_CONVENTIONS.pandas).restore(snapshot)).toThrow(bad);
    expect(() => emaStream([2]).restore({ ...snapshot, last: 'x' })).toThrow(bad);
  });

  const inState = (name: string, value: unknown) => (json: Record<string, unknown>) => ({
    ...json,
    before: { ...(json['before'] as object), [name]: value },
  });
  const FIELDS = ['specs', 'inputsSeen', 'count', 'sum', 'prev', 'weight'];
  it.each<[string, (json: Record<string, unknown>) => unknown]>([
    ['nothing', () => null],
    ['an empty object', () => ({})],
    ['a newest input without a digit', (json) => ({ ...json, last: '' })],
    ['a newest input that is a number', (json) => ({ ...json, last: 7 })],
    ['no newest input', ({ before }) => ({ before })],
    ...FIELDS.map((name): [string, ReturnType<typeof inState>] => [`no ${name}`, inState(name, undefined)]),
    ...FIELDS.map((name): [string, ReturnType<typeof inState>] => [`an empty text as ${name}`, inState(name, [''])]),
    ['a count below 0', inState('count', [-1])],
    ['a count beyond the seed', inState('count', [3])],
    ['an unknown policy', inState('options', { nan: 'drop' })],
  ])('refuses a damaged snapshot: %s', (_, damage) => {
    const stream = emaStream([2]);
    [1, 2, 3].forEach((close) => stream.next(close));
    const damaged = damage(JSON.parse(JSON.stringify(stream.snapshot())) as Record<string, unknown>);
    expect(() => stream.restore(damaged as never)).toThrow(expect.objectContaining({ code: 'EMA_BAD_STATE' }));
    expect([...stream.values]).toStrictEqual([2.5]);
  });

  it('keeps the sign of a newest input of zero', () => {
    const stream = emaStream([2], EMA_CONVENTIONS.tradingSignals);
    stream.next(-0);
    const { values } = emaStream([2], EMA_CONVENTIONS.tradingSignals).restore(stream.snapshot());
    expect([...values]).toStrictEqual([-0]);
  });

  it.each([
    ['3', {}, 'EMA_BAD_INPUT'],
    [null, { nan: 'throw' as const }, 'EMA_NAN_INPUT'],
  ])('that refuses %j stands where it stood', (close, options, code) => {
    const stream = emaStream([2], options);
    const other = emaStream([2], options);
    for (const each of [stream, other]) [1, 2].forEach((value) => each.next(value));
    expect(() => stream.next(close as never)).toThrow(expect.objectContaining({ code }));
    expect(() => stream.replaceLast(close as never)).toThrow(expect.objectContaining({ code }));
    expect([...stream.replaceLast(3)]).toStrictEqual([...other.replaceLast(3)]);
    expect([...stream.next(4)]).toStrictEqual([...other.next(4)]);
  });

  it.each(CONVENTIONS)('of %s allocates nothing per call', (_, options) => {
    const stream = emaStream([3, 9, 14, 21, 50], options);
    const run = (calls: number) => {
      for (let i = 0; i < calls; i++) {
        stream.next(i % 97 === 5 ? NaN : 100 + (i % 13));
        stream.replaceLast(100 + (i % 7));
      }
    };
    // until it is compiled it allocates, and a collection in between makes the heap smaller: of some runs one has neither
    const grownInARun = () => {
      const before = process.memoryUsage().heapUsed;
      run(5_000);
      return Math.abs(process.memoryUsage().heapUsed - before) / 10_000;
    };
    let least = Infinity;
    for (let i = 0; i < 100 && least >= 4; i++) least = Math.min(least, grownInARun());
    expect(least).toBeLessThan(4);
  });
});

describe('how fast an average forgets', () => {
  const same = (a: Float64Array, b: Float64Array) => expect([...a]).toStrictEqual([...b]);

  it('is said by a span, a factor, a centre of mass or a half-life', () => {
    same(ema(X, { span: 3 }), ema(X, 3));
    same(ema(X, { alpha: 0.5 }), ema(X, 3));
    same(ema(X, { com: 1 }), ema(X, 3));
    same(ema(X, { halfLife: 1 }), ema(X, 3));
    same(
      ema(X, { alpha: 0.25 }, { minPeriods: 2 }),
      Float64Array.of(NaN, 10.5, 10.875, 11.40625, 12.0546875, 12.791015625),
    );
  });

  it("is 1/n for Wilder's, which starts with the mean of n inputs", () => {
    same(ema([3, 6, 9, 12], { wilder: 3 }), Float64Array.of(NaN, NaN, 6, 6 * (1 - 1 / 3) + 12 / 3));
    same(ema(X, { wilder: 1 }), Float64Array.from(X));
  });

  it('is where the result is found', () => {
    const all = emas(X, [3, { wilder: 3 }, { halfLife: 2.5 }]);
    expect([...all.keys()]).toEqual([3, 'wilder=3', 'halfLife=2.5']);
    expect(emaStream([{ com: 2 }, 3]).keys).toEqual(['com=2', 3]);
    expect(() => emas(X, [{ span: 3 }, { span: 3 }])).toThrow(expect.objectContaining({ code: 'EMA_BAD_PERIOD' }));
  });

  it.each([
    [{ period: 3 }, 'EMA_BAD_OPTION'],
    [{ span: 3, alpha: 0.5 }, 'EMA_BAD_OPTION'],
    [{}, 'EMA_BAD_OPTION'],
    [null, 'EMA_BAD_OPTION'],
    ['3', 'EMA_BAD_OPTION'],
    [{ span: '3' }, 'EMA_BAD_OPTION'],
    [{ span: 0.5 }, 'EMA_BAD_PERIOD'],
    [{ wilder: 2.5 }, 'EMA_BAD_PERIOD'],
    [{ alpha: 1.5 }, 'EMA_BAD_ALPHA'],
    [{ com: -1 }, 'EMA_BAD_ALPHA'],
    [{ halfLife: 0 }, 'EMA_BAD_ALPHA'],
    [2.5, 'EMA_BAD_PERIOD'],
  ])('%j is refused', (parameter, code) => {
    for (const call of [
      () => ema(X, parameter as never),
      () => emas(X, [parameter as never]),
      () => ewmVar(X, parameter as never),
    ]) {
      if (parameter === 2.5 && call.toString().includes('ewmVar')) continue;
      expect(call).toThrow(expect.objectContaining({ code }));
    }
  });
});

describe('values that are not known', () => {
  it.each([[null], [undefined], [NaN]])('%s is no value, wherever a series is taken', (none) => {
    const x = [10, 11, none, 13, 14];
    const known = Float64Array.of(10, 11, NaN, 13, 14);
    expect([...ema(x, 2)]).toStrictEqual([...ema(known, 2)]);
    expect(ema(x, 2)[2]).toBe(10.5);
    expect([...(emas(x, [2]).get(2) ?? [])]).toStrictEqual([...ema(known, 2)]);
    const stream = emaStream([2]);
    expect(x.map((close) => stream.next(close)[0])).toStrictEqual([...ema(known, 2)]);
    expect([...ewmVar(x, 2)]).toStrictEqual([...ewmVar(known, 2)]);
  });

  it('a place of an array that was never filled is no value', () => {
    expect([...ema([10, 11, , 13], 2)]).toStrictEqual([...ema([10, 11, NaN, 13], 2)]);
  });

  it.each([['12'], [''], [12n], [true], [{}], [new Date(0)], [[1]]])(
    '%s is no number and is refused by its place',
    (value) => {
      const bad = expect.objectContaining({
        code: 'EMA_BAD_INPUT',
        message: expect.stringContaining('input 1 ') as string,
      }) as unknown;
      const x = [10, value as never, 12];
      expect(() => ema(x, 2)).toThrow(bad);
      expect(() => emas(x, [2])).toThrow(bad);
      expect(() => ewmVar(x, 2)).toThrow(bad);
      const stream = emaStream([2]);
      stream.next(10);
      expect(() => stream.next(value as never)).toThrow(bad);
    },
  );

  it.each([[undefined], [null], [12], ['12,13'], [{}], [new DataView(new ArrayBuffer(8))]])('%j is no series', (x) => {
    expect(() => ema(x as never, 2)).toThrow(expect.objectContaining({ code: 'EMA_BAD_INPUT' }));
  });

  it('a vector that is only walked through is a series', () => {
    const vector = {
      length: 3,
      *[Symbol.iterator]() {
        yield 1;
        yield null;
        yield 3;
      },
    };
    expect([...ema(vector, 1)]).toStrictEqual([...ema([1, NaN, 3], 1)]);
    expect([...ema(new Set([1, 2]), 1)]).toStrictEqual([1, 2]);
    expect(() => ema(BigInt64Array.of(1n) as never, 1)).toThrow(expect.objectContaining({ code: 'EMA_BAD_INPUT' }));
  });
});

describe('an EMA of an EMA', () => {
  // MACD(2, 3, 2) of X by hand: the line is 0.5 from the third input on, and so is its signal
  it('has values in the convention of TA-Lib', () => {
    const { taLib } = EMA_CONVENTIONS;
    expect([...ema(ema(X, 2, taLib), 2, taLib)]).toStrictEqual([NaN, NaN, 11, 12, 13, 14]);
    const [fast, slow] = [ema(X, 2, taLib), ema(X, 3, taLib)];
    const line = fast.map((value, i) => value - slow[i]);
    expect([...line]).toStrictEqual([NaN, NaN, 0.5, 0.5, 0.5, 0.5]);
    expect([...ema(line, 2, taLib)]).toStrictEqual([NaN, NaN, NaN, 0.5, 0.5, 0.5]);
  });

  it('still ends at a NaN after the first value, also inside the seed', () => {
    const { taLib } = EMA_CONVENTIONS;
    expect([...ema([10, 11, 12, NaN, 14, 15], 3, taLib)]).toStrictEqual([NaN, NaN, 11, NaN, NaN, NaN]);
    expect([...ema([NaN, 10, NaN, 12, 13, 14], 2, taLib)]).toStrictEqual([NaN, NaN, NaN, NaN, NaN, NaN]);
  });
});

describe('two seeds', () => {
  it('differ by 1−α as much after each input, and not at all after 25·(n+1)', () => {
    const x = randomWalk(1_500);
    for (const n of [3, 14, 50]) {
      const [mean, first] = [ema(x, n), ema(x, n, EMA_CONVENTIONS.tradingSignals)];
      const at = n - 1;
      const ratio = (mean[at + n] - first[at + n]) / (mean[at] - first[at]);
      expect(ratio).toBeCloseTo((1 - 2 / (n + 1)) ** n, 6);
      for (let i = at + 25 * (n + 1); i < x.length; i++) expect(mean[i]).toBe(first[i]);
    }
  });
});
