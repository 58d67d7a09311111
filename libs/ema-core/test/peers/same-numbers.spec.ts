// The programs themselves, on the same inputs: what stands in the README's table "the same number in …".
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ema as indicatortsEma, rma as indicatortsRma } from 'indicatorts';
import { EMA as ChartEma, RMA as ChartRma } from 'lightweight-charts-indicators';
import { EMA as TechnicalEma, WEMA as TechnicalWilder } from 'technicalindicators';
import { EMA as SignalsEma, RMA as SignalsRma, WSMA as SignalsWilder } from 'trading-signals';
import { beforeAll, describe, expect, it } from 'vitest';
import { installedPandas, loadPolars, NO_PANDAS, NO_POLARS } from '../../../../vitest.peers.mjs';
import { randomWalk } from '../../bench/random-walk.ts';
import { ema, EMA_CONVENTIONS, ewmStd, ewmVar, type EmaParameter, type EwmOptions } from '../../src/index.ts';

/** Rounding alone: another order of the same operations. */
const ROUNDING = 1e-13;
const CLOSES = Array.from(randomWalk(400));
/** Values missing at the start, alone and in a row. */
const GAPS = CLOSES.map((close, i) => (i < 2 || i === 7 || (i > 40 && i < 44) ? null : close));
const { ta, pandas, pandasUnadjusted, polars, taLib, tradingSignals } = EMA_CONVENTIONS;

const python = installedPandas();
const polarsLibrary = loadPolars();
if (python === null) process.stderr.write(`\n${NO_PANDAS}\n\n`);
if (polarsLibrary === null) process.stderr.write(`\n${NO_POLARS}\n\n`);

function expectSame(ours: Float64Array, theirs: ArrayLike<number | null | undefined>, tolerance = ROUNDING): void {
  expect(ours.length).toBe(theirs.length);
  const others: string[] = [];
  for (let i = 0; i < ours.length; i++) {
    const value = theirs[i] ?? NaN;
    const isSame = Number.isNaN(value)
      ? Number.isNaN(ours[i])
      : Math.abs(ours[i] - value) <= tolerance * Math.abs(value);
    if (!isSame) others.push(`${i}: ${ours[i]} and ${value}`);
  }
  expect(others).toStrictEqual([]);
}

/** Results of a library that leaves out what comes before the first. */
function afterLookback(values: readonly number[], length = CLOSES.length): (number | null)[] {
  return [...new Array<null>(length - values.length).fill(null), ...values];
}

describe('the libraries of JavaScript', () => {
  it('trading-signals starts with the first close; its RMA too, its WSMA with the mean', () => {
    const [average, rma, wsma] = [new SignalsEma(14), new SignalsRma(14), new SignalsWilder(14)];
    expectSame(
      ema(CLOSES, 14, tradingSignals),
      CLOSES.map((close) => average.update(close, false)),
      0,
    );
    expectSame(
      ema(CLOSES, { wilder: 14 }, tradingSignals),
      CLOSES.map((close) => rma.update(close, false)),
    );
    expectSame(
      ema(CLOSES, { wilder: 14 }),
      CLOSES.map((close) => wsma.update(close, false)),
    );
  });

  it('indicatorts starts with the first close; its RMA with the means of what there is', () => {
    expectSame(ema(CLOSES, 14, tradingSignals), indicatortsEma(CLOSES, { period: 14 }), 0);
    const theirs = indicatortsRma(CLOSES, { period: 14 });
    expectSame(ema(CLOSES, { wilder: 14 }).subarray(13), theirs.slice(13));
    expect(theirs[1]).toBeCloseTo((CLOSES[0] + CLOSES[1]) / 2, 12);
  });

  it('technicalindicators starts with the mean and leaves out what comes before', () => {
    expectSame(ema(CLOSES, 14, taLib), afterLookback(TechnicalEma.calculate({ period: 14, values: CLOSES })));
    expectSame(ema(CLOSES, { wilder: 14 }), afterLookback(TechnicalWilder.calculate({ period: 14, values: CLOSES })));
  });

  it('lightweight-charts-indicators starts with the mean', () => {
    const bars = CLOSES.map((close, time) => ({ time, open: close, high: close, low: close, close, volume: 1 }));
    const plotOf = (result: { plots: Record<string, { value: number | null }[]> }) =>
      result.plots['plot0'].map(({ value }) => value);
    expectSame(ema(CLOSES, 14, ta), plotOf(ChartEma.calculate(bars, { length: 14 }) as never));
    expectSame(ema(CLOSES, { wilder: 14 }), plotOf(ChartRma.calculate(bars, { len: 14 }) as never));
  });
});

describe('TA-Lib', () => {
  interface TaLib {
    init(wasm: string): Promise<unknown>;
    EMA(call: { inReal: number[]; timePeriod: number }): { output: number[] };
    MACD(call: {
      inReal: number[];
      fastPeriod: number;
      slowPeriod: number;
      signalPeriod: number;
    }): Record<'MACD' | 'MACDSignal', number[]>;
  }
  const require = createRequire(import.meta.url);
  const library = require('talib-web') as TaLib;
  // the program is found in Node by what it holds, not by its path
  beforeAll(async () => {
    const wasm = readFileSync(require.resolve('talib-web').replace(/[^/\\]+$/, 'talib.wasm'));
    await library.init(`data:application/wasm;base64,${wasm.toString('base64')}`);
  });
  /** talib-web 0.1.3 gives values beyond the last input: only as many as there must be are taken. */
  const cut = (output: readonly number[], lookback: number) => afterLookback(output.slice(0, CLOSES.length - lookback));

  it('EMA', () => {
    expectSame(ema(CLOSES, 14, taLib), cut(library.EMA({ inReal: CLOSES, timePeriod: 14 }).output, 13));
  });

  it('Wilder’s: no function of its own', () => {
    expect(Object.keys(library)).not.toContain('RMA');
  });

  it('MACD is an EMA of a difference of EMAs', () => {
    const theirs = library.MACD({ inReal: CLOSES, fastPeriod: 12, slowPeriod: 26, signalPeriod: 9 });
    // TA-Lib lets the fast EMA start where the slow one does, with the mean of the 12 closes before
    const fast = ema(
      CLOSES.map((close, i) => (i < 14 ? null : close)),
      12,
      taLib,
    );
    const line = ema(CLOSES, 26, taLib).map((slow, i) => fast[i] - slow);
    const signal = ema(line, 9, taLib);
    expect(signal.filter((value) => !Number.isNaN(value)).length).toBe(CLOSES.length - 33);
    expectSame(signal, cut(theirs.MACDSignal, 33), 1e-10);
    expectSame(
      line.map((value, i) => (i < 33 ? NaN : value)),
      cut(theirs.MACD, 33),
      1e-10,
    );
  });
});

describe.skipIf(python === null)('pandas', () => {
  /** How `ewm` is called, and the same of ours. */
  const CASES: [call: string, parameter: EmaParameter, options: EwmOptions][] = [
    ['span=14', 14, pandas],
    ['span=2.5', { span: 2.5 }, pandas],
    ['alpha=0.1', { alpha: 0.1 }, pandas],
    ['com=4.5', { com: 4.5 }, pandas],
    ['halflife=10', { halfLife: 10 }, pandas],
    ['alpha=1/14', { wilder: 14 }, pandas],
    ['span=14, adjust=False', 14, pandasUnadjusted],
    ['alpha=1/14, adjust=False, min_periods=14', { wilder: 14 }, { ...pandasUnadjusted, minPeriods: 14 }],
    ['span=14, ignore_na=True', 14, { ...pandas, ignoreNa: true }],
    ['span=14, adjust=False, ignore_na=True', 14, { ...pandasUnadjusted, ignoreNa: true }],
    ['span=14, min_periods=9', 14, { ...pandas, minPeriods: 9 }],
  ];
  const MEASURES = ['mean()', 'var()', 'std()', 'var(bias=True)', 'std(bias=True)'];
  let results: (number | null)[][];

  beforeAll(() => {
    const script = `
import json, sys, pandas as pd
inputs, calls = json.load(sys.stdin)
series = [pd.Series(x, dtype='float64') for x in inputs]
print(json.dumps([[None if pd.isna(v) else v for v in eval('s.ewm(%s).%s' % (c, m)).tolist()] for c in calls for s in series for m in ${JSON.stringify(MEASURES)}]))
`;
    const input = JSON.stringify([[CLOSES, GAPS], CASES.map(([call]) => call)]);
    const done = spawnSync(python as string, ['-c', script], { input, encoding: 'utf8', maxBuffer: 100_000_000 });
    expect(done.stderr).toBe('');
    results = JSON.parse(done.stdout) as (number | null)[][];
  });

  it.each(CASES.map((each, at) => [each[0], at] as const))('ewm(%s): mean, variance and deviation', (_, at) => {
    const [, parameter, options] = CASES[at];
    for (const [which, x] of [CLOSES, GAPS].entries()) {
      const theirs = results.slice((at * 2 + which) * MEASURES.length);
      expectSame(ema(x, parameter, options), theirs[0]);
      // a variance is a difference of squares of prices: what rounds there is larger against it
      expectSame(ewmVar(x, parameter, options), theirs[1], 1e-11);
      expectSame(ewmStd(x, parameter, options), theirs[2], 1e-11);
      expectSame(ewmVar(x, parameter, { ...options, bias: true }), theirs[3], 1e-11);
      expectSame(ewmStd(x, parameter, { ...options, bias: true }), theirs[4], 1e-11);
    }
  });

  it('is met to the last bit without adjust and without gaps', () => {
    const at = CASES.findIndex(([call]) => call === 'span=14, adjust=False');
    expectSame(ema(CLOSES, 14, pandasUnadjusted), results[at * 2 * MEASURES.length], 0);
  });
});

describe.skipIf(polarsLibrary === null)('polars', () => {
  const seriesOf = (x: readonly (number | null)[]) =>
    (polarsLibrary as NonNullable<typeof polarsLibrary>).Series('x', x);

  it.each([
    ['closes', CLOSES],
    ['closes with gaps', GAPS],
  ] as const)('ewmMean of %s', (_, x) => {
    const alpha = 2 / 15;
    const call = (options: object) =>
      seriesOf(x)
        .ewmMean({ alpha, ...options })
        .toArray() as (number | null)[];
    expectSame(ema(x, 14, polars), call({}));
    expectSame(ema(x, 14, { ...polars, ignoreNa: false }), call({ ignoreNulls: false }));
    expectSame(ema(x, 14, { seed: 'first', minPeriods: 1, nan: 'mask' }), call({ adjust: false }));
  });

  it('takes no span and does not say so: its factor is 0.5 then', () => {
    const theirs = seriesOf(CLOSES).ewmMean({ span: 14 }).toArray() as number[];
    expectSame(ema(CLOSES, { alpha: 0.5 }, polars), theirs);
  });
});
