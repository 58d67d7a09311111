import { EMA_CONVENTIONS, emas } from '@ta/ema-core';
import { EMA_PERIODS, emaBatch } from '@ta/ema-core/engine';
import { ema as indicatorTsEma } from 'indicatorts';
import { EMA as TechnicalIndicatorsEma } from 'technicalindicators';
import { EMA as TradingSignalsEma } from 'trading-signals';
import { inTurns, type Turns } from '../in-turns.ts';
import type { Cell, ResultTable } from '../report.ts';
import type { Mode, Scenario } from '../scenario.ts';

const CLOSES: Record<Mode, number> = { quick: 100_000, full: 1_000_000 };
const TURNS: Record<Mode, Turns> = {
  quick: { turns: 3, warmUps: 4, measured: 3 },
  full: { turns: 2, warmUps: 2, measured: 3 },
};
const PERIODS = [5, ...EMA_PERIODS, 400, 500];
const SPECS = PERIODS.map((n) => ({ n }));
const TOLERANCE = 1e-12;

/** A way to compute the series of all periods. */
interface Method {
  readonly name: string;
  readonly kind: 'ours' | 'by hand' | 'package';
  /** The first value of a series: the first close, or the mean of the first n closes. */
  readonly seed: 'first' | 'mean';
  /** The values of each period; a package may leave out those before the seed. */
  readonly compute: () => readonly ArrayLike<number>[];
}

/** EMAs of many periods: at least 4 times as fast as the fastest npm package, at most 1.2 times a loop fused by hand. */
export const emaCore: Scenario = {
  name: 'ema-core',
  async run(bench, mode) {
    const closes = wave(CLOSES[mode]);
    const groups = [
      { caption: 'Into memory that is used again.', methods: intoOldMemory(closes) },
      { caption: 'Into new memory at every call.', methods: intoNewMemory(closes) },
    ];
    const tables: ResultTable[] = [];
    for (const { caption, methods } of groups) {
      bench.note(`comparing the numbers of ${methods.length} methods`);
      for (const method of methods) assertRight(method, closes);
      bench.note('timing them');
      const contenders = methods.map(({ name, compute }) => ({ name, work: compute }));
      tables.push(tableOf(caption, methods, await inTurns(contenders, TURNS[mode])));
    }
    return {
      scenario: 'ema-core',
      about:
        `${PERIODS.length} EMAs of ${CLOSES[mode].toLocaleString('en-US')} closes, medians of ` +
        `${TURNS[mode].turns * TURNS[mode].measured} runs each in ${TURNS[mode].turns} turns. Before, every value of every method was compared with a plain loop (${TOLERANCE} relative).`,
      tables,
    };
  },
};

/** Smooth made-up closes; the cost of an EMA does not depend on its inputs. */
function wave(length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => 100 + 10 * Math.sin(i / 9) + 5 * Math.cos(i / 997));
}

function intoOldMemory(closes: Float64Array): Method[] {
  const inOne = new Float64Array(PERIODS.length * closes.length);
  const parts = PERIODS.map((_, j) => inOne.subarray(j * closes.length, (j + 1) * closes.length));
  const apart = PERIODS.map(() => new Float64Array(closes.length));
  const method = (
    name: string,
    kind: Method['kind'],
    seed: Method['seed'],
    values: readonly Float64Array[],
    fill: () => unknown,
  ): Method => ({ name, kind, seed, compute: () => (fill(), values) });
  return [
    method('4 periods fused', 'by hand', 'first', parts, () => fuseFour(closes, inOne)),
    method('5 periods fused', 'by hand', 'first', apart, () => fuseFive(closes, apart)),
    method('`emaBatch`', 'ours', 'mean', parts, () => emaBatch(closes, SPECS, {}, inOne)),
    method('`emaBatch` as pandas', 'ours', 'first', parts, () =>
      emaBatch(closes, SPECS, EMA_CONVENTIONS.pandasUnadjusted, inOne),
    ),
    method('trading-signals, `update`', 'package', 'first', apart, () => updateEach(closes, apart)),
  ];
}

function intoNewMemory(closes: Float64Array): Method[] {
  const values = Array.from(closes);
  const method = (
    name: string,
    kind: Method['kind'],
    seed: Method['seed'],
    compute: () => readonly ArrayLike<number>[],
  ): Method => ({ name, kind, seed, compute });
  return [
    method('5 periods fused', 'by hand', 'first', () => {
      const made = PERIODS.map(() => new Float64Array(closes.length));
      fuseFive(closes, made);
      return made;
    }),
    method('`emas`', 'ours', 'mean', () => [...emas(closes, PERIODS).values()]),
    method('`emas` as pandas', 'ours', 'first', () => [
      ...emas(closes, PERIODS, EMA_CONVENTIONS.pandasUnadjusted).values(),
    ]),
    method('trading-signals, `update`', 'package', 'first', () => {
      const made = PERIODS.map(() => new Float64Array(closes.length));
      updateEach(closes, made);
      return made;
    }),
    method('indicatorts', 'package', 'first', () => PERIODS.map((period) => indicatorTsEma(values, { period }))),
    method('technicalindicators', 'package', 'mean', () =>
      PERIODS.map((period) => TechnicalIndicatorsEma.calculate({ period, values })),
    ),
  ];
}

/** Only the recurrence from the first close on, of four series in one pass; the series follow each other in one array. */
function fuseFour(x: Float64Array, out: Float64Array): void {
  const { length } = x;
  for (let j = 0; j < PERIODS.length; j += 4) {
    const [a0, a1, a2, a3] = PERIODS.slice(j, j + 4).map((n) => 2 / (n + 1));
    const [b0, b1, b2, b3] = [1 - a0, 1 - a1, 1 - a2, 1 - a3];
    const at0 = j * length;
    const at1 = at0 + length;
    const at2 = at1 + length;
    const at3 = at2 + length;
    let e0 = x[0];
    let e1 = e0;
    let e2 = e0;
    let e3 = e0;
    out[at0] = out[at1] = out[at2] = out[at3] = e0;
    for (let i = 1; i < length; i++) {
      const v = x[i];
      out[at0 + i] = e0 = a0 * v + b0 * e0;
      out[at1 + i] = e1 = a1 * v + b1 * e1;
      out[at2 + i] = e2 = a2 * v + b2 * e2;
      out[at3 + i] = e3 = a3 * v + b3 * e3;
    }
  }
}

/** {@link fuseFour} with five series, each in an array of its own. */
function fuseFive(x: Float64Array, outs: readonly Float64Array[]): void {
  for (let j = 0; j < PERIODS.length; j += 5) {
    const [out0, out1, out2, out3, out4] = outs.slice(j, j + 5);
    const [a0, a1, a2, a3, a4] = PERIODS.slice(j, j + 5).map((n) => 2 / (n + 1));
    const [b0, b1, b2, b3, b4] = [1 - a0, 1 - a1, 1 - a2, 1 - a3, 1 - a4];
    let e0 = x[0];
    let e1 = e0;
    let e2 = e0;
    let e3 = e0;
    let e4 = e0;
    out0[0] = out1[0] = out2[0] = out3[0] = out4[0] = e0;
    for (let i = 1; i < x.length; i++) {
      const v = x[i];
      out0[i] = e0 = a0 * v + b0 * e0;
      out1[i] = e1 = a1 * v + b1 * e1;
      out2[i] = e2 = a2 * v + b2 * e2;
      out3[i] = e3 = a3 * v + b3 * e3;
      out4[i] = e4 = a4 * v + b4 * e4;
    }
  }
}

/** trading-signals, value by value: its fastest way, many times as fast as its `updates`. */
function updateEach(x: Float64Array, outs: readonly Float64Array[]): void {
  PERIODS.forEach((n, j) => {
    const ema = new TradingSignalsEma(n);
    const out = outs[j];
    for (let i = 0; i < x.length; i++) out[i] = ema.update(x[i], false) as number;
  });
}

/** @throws Error when a method gives other numbers, since its speed would mean nothing then */
function assertRight({ name, seed, compute }: Method, closes: Float64Array): void {
  compute().forEach((values, j) => {
    const n = PERIODS[j];
    const expected = plainLoop(closes, n, seed);
    const missing = closes.length - values.length;
    for (let i = 0; i < closes.length; i++) {
      const value = i < missing ? NaN : values[i - missing];
      const isEqual = Number.isNaN(expected[i])
        ? Number.isNaN(value)
        : Math.abs(value - expected[i]) <= TOLERANCE * expected[i];
      if (!isEqual) throw new Error(`${name}, period ${n}: value ${i} is ${value}, expected ${expected[i]}`);
    }
  });
}

function plainLoop(x: Float64Array, n: number, seed: Method['seed']): Float64Array {
  const alpha = 2 / (n + 1);
  const values = new Float64Array(x.length).fill(NaN);
  const first = seed === 'first' ? 0 : n - 1;
  values[first] = x.subarray(0, first + 1).reduce((sum, v) => sum + v, 0) / (first + 1);
  for (let i = first + 1; i < x.length; i++) values[i] = alpha * x[i] + (1 - alpha) * values[i - 1];
  return values;
}

function tableOf(caption: string, methods: readonly Method[], ms: ReadonlyMap<string, number>): ResultTable {
  const fastest = (kind: Method['kind']): number =>
    Math.min(...methods.filter((method) => method.kind === kind).map(({ name }) => ms.get(name) as number));
  const hand = fastest('by hand');
  const fastestPackage = fastest('package');
  return {
    caption: `${caption} Aim: at most 1.2 times the loop by hand, and the fastest package at least 4 times as slow.`,
    columns: ['', 'who', 'ms', 'times the loop by hand', 'fastest package : this'],
    rows: methods.map(({ name, kind }): Cell[] => {
      const own = ms.get(name) as number;
      return [name, kind, own, own / hand, fastestPackage / own];
    }),
  };
}
