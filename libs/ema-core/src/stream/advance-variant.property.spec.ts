import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cuts, market, periods, RUNS, type Market } from '../../test/arbitraries.ts';
import {
  anchoredOracle,
  calendarOracle,
  dailySpaceOracle,
  multiTfOracle,
  type Day,
  type OracleCalendarRow,
  type OracleRow,
} from '../../test/oracle/series-oracle.ts';
import { emaBounds } from '../bounds.ts';
import { advanceVariant, type VariantInput } from './advance-variant.ts';
import { createEmaBlock, type EmaBlock } from './ema-block.ts';
import type { EmaVariant, VariantSpec } from './variant-spec.ts';
import { decodeVariantState, encodeVariantState, openVariantState } from './variant-state.ts';

const VARIANTS: EmaVariant[] = ['multi_tf', 'cal', 'cal_anchor', 'v2'];
const EMA_COLUMNS = ['ema', 'd1', 'd2', 'd1Roll', 'd2Roll'] as const;
const BAR_COLUMNS = ['emaBar', 'd1Bar', 'd2Bar', 'd1RollBar', 'd2RollBar'] as const;
const START = { firstRow: 0, offset: 0, tfOffset: 0 };

const tfDays = fc.integer({ min: 1, max: 9 });
const spec: fc.Arbitrary<VariantSpec> = fc.record({ variant: fc.constantFrom(...VARIANTS), periods, tfDays });

function inputOf({ x, isClosed, isLate }: Market, { variant, tfDays: T }: VariantSpec): VariantInput {
  const closed = Uint8Array.from(x, (_, i) => (variant === 'v2' ? ((i + 1) % T === 0 ? 1 : 0) : isClosed[i] ? 1 : 0));
  const late = { closed: Uint8Array.from(isLate, Number), closePx: Float64Array.from(x, (_, i) => x[i - 1] ?? NaN) };
  return { x: Float64Array.from(x), closed, closePx: Float64Array.from(x), ...(variant === 'v2' ? {} : { late }) };
}

function runWhole(input: VariantInput, how: VariantSpec): EmaBlock {
  const block = createEmaBlock({ rows: input.x.length, timeframes: 1, periods: how.periods.length, withBar: true });
  const report = advanceVariant(openVariantState(how), input, 0, input.x.length, { block, ...START });
  expect(report).toEqual({ nonFinite: [], violations: [], closeMismatches: [] });
  return block;
}

describe('laws of the variants', () => {
  it('every bit is that of the formulas', () => {
    fc.assert(
      fc.property(market(40), spec, (days, how) => {
        const block = runWhole(inputOf(days, how), how);
        const expected = new Map(oracleRows(days, how).map((row) => [`${row.day}/${row.period}`, row]));
        how.periods.forEach((period, p) => {
          days.x.forEach((_, day) => {
            const cell = day * how.periods.length + p;
            const row = expected.get(`${day}/${period}`);
            expect(EMA_COLUMNS.map((name) => block[name][cell])).toEqual(lineOf(row));
            if (row !== undefined) expect(block.roll[day]).toBe(row.roll ? 1 : 0);
            if (how.variant.startsWith('cal')) {
              expect(BAR_COLUMNS.map((name) => block[name][cell])).toEqual(lineOf((row as OracleCalendarRow)?.bar));
            }
          });
        });
      }),
      { ...RUNS, numRuns: 80 },
    );
  });

  it('any split of a history, the state stored and read back in between, changes no bit', () => {
    const split = market().chain((days) => fc.tuple(fc.constant(days), cuts(days.x.length)));
    fc.assert(
      fc.property(split, spec, ([days, at], how) => {
        const input = inputOf(days, how);
        const parts = createEmaBlock({
          rows: days.x.length,
          timeframes: 1,
          periods: how.periods.length,
          withBar: true,
        });
        let state = openVariantState(how);
        for (let c = 1; c < at.length; c++) {
          advanceVariant(state, input, at[c - 1], at[c], { block: parts, ...START, firstRow: at[c - 1] });
          const text = Array.from(encodeVariantState(state), String);
          state = decodeVariantState(how, text.map(Number));
        }
        expect(sameBits(parts.cells, runWhole(input, how).cells)).toBe(true);
      }),
      RUNS,
    );
  });

  it('rows depend on the inputs up to their own day only', () => {
    const cut = market().chain((days) => fc.tuple(fc.constant(days), fc.integer({ min: 0, max: days.x.length })));
    fc.assert(
      fc.property(cut, spec, ([days, until], how) => {
        const known = {
          x: days.x.slice(0, until),
          isClosed: days.isClosed.slice(0, until),
          isLate: days.isLate.slice(0, until),
        };
        const prefix = runWhole(inputOf(known, how), how);
        const whole = runWhole(inputOf(days, how), how);
        for (const name of [...EMA_COLUMNS, ...BAR_COLUMNS]) {
          expect(sameBits(prefix[name], whole[name].subarray(0, prefix[name].length))).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('a period has the same bits whatever other periods are computed with it', () => {
    fc.assert(
      fc.property(market(), spec, (days, how) => {
        const together = runWhole(inputOf(days, how), how);
        how.periods.forEach((period, p) => {
          const alone = runWhole(inputOf(days, how), { ...how, periods: [period] });
          const lane = together.cells.filter((_, cell) => cell % how.periods.length === p);
          expect(sameBits(lane, alone.cells)).toBe(true);
        });
      }),
      RUNS,
    );
  });

  it('a value beyond the bounds of all closes so far is a violation', () => {
    const shifted = fc.tuple(market(), fc.constantFrom(0.1, 1, 10));
    fc.assert(
      fc.property(shifted, spec, ([days, factor], how) => {
        const input = inputOf(days, how);
        input.closePx.forEach((px, i) => (input.closePx[i] = i % 3 === 0 ? px * factor : px));
        const block = createEmaBlock({
          rows: days.x.length,
          timeframes: 1,
          periods: how.periods.length,
          withBar: true,
        });
        const report = advanceVariant(openVariantState(how), input, 0, days.x.length, { block, ...START });
        const lateFrom = days.isLate.indexOf(true) - 1;
        const ends = [input.closed.indexOf(1), lateFrom].filter((row) => row >= 0);
        const from = how.variant === 'v2' || ends.length === 0 ? 0 : Math.min(...ends);
        const bounds = Array.from(input.x, (_, row) => {
          const closes = input.x.subarray(from, row + 1);
          return closes.length === 0 ? null : emaBounds(Math.min(...closes), Math.max(...closes));
        });
        const expected = how.periods.flatMap((period, p) => {
          const lane = block.ema.filter((_, cell) => cell % how.periods.length === p);
          const isBeyond = (value: number, row: number) => {
            const limits = bounds[row];
            return limits !== null && (value < limits.lo || value > limits.hi);
          };
          return [...lane].flatMap((value, row) => (isBeyond(value, row) ? [`${row}/${period}`] : []));
        });
        const found = report.violations.filter(({ series }) => series === 'ema');
        expect(found.map(({ row, period }) => `${row}/${period}`).sort()).toEqual(expected.sort());
      }),
      RUNS,
    );
  });

  it('a constant market stays constant, with derivatives of a few ulp', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 2, noNaN: true }), spec, (c, how) => {
        const length = 150;
        const days = {
          x: Array<number>(length).fill(c),
          isClosed: Array.from({ length }, (_, i) => i % 3 === 2),
          isLate: Array.from({ length }, (_, i) => i % 6 === 5),
        };
        const block = runWhole(inputOf(days, how), how);
        const longest = how.periods[how.periods.length - 1] * how.tfDays;
        const isFar = (value: number) => Math.abs(value - c) > longest * 2 ** -52;
        expect([...block.ema, ...block.emaBar].filter(isFar)).toStrictEqual([]);
      }),
      { ...RUNS, numRuns: 60 },
    );
  });
});

function oracleRows(days: Market, how: VariantSpec): OracleRow[] {
  const late = (i: number) => (days.isLate[i] ? days.x[i - 1] : null);
  const grid = days.x.map((x, i): Day => ({ x, bar: days.isClosed[i] ? x : null, late: late(i) }));
  return how.periods.flatMap((n): OracleRow[] => {
    if (how.variant === 'v2') return dailySpaceOracle(days.x, n, how.tfDays);
    if (how.variant === 'multi_tf') return multiTfOracle(grid, n);
    return how.variant === 'cal' ? calendarOracle(grid, n, how.tfDays) : anchoredOracle(grid, n, how.tfDays);
  });
}

function lineOf(row: Omit<OracleRow, 'day' | 'period' | 'roll'> | undefined): number[] {
  if (row === undefined) return [NaN, NaN, NaN, NaN, NaN];
  return [row.ema, row.d1 ?? NaN, row.d2 ?? NaN, row.d1Roll ?? NaN, row.d2Roll ?? NaN];
}

function sameBits(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
