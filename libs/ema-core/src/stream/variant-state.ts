import { EmaError } from '../errors.ts';
import { hashNumber } from '../params-hash.ts';
import type { Step } from './series-cells.ts';
import {
  assertVariantSpec,
  describeVariant,
  hasBarSeries,
  isPreviewMemoryless,
  seedLength,
  variantAlphas,
  type EmaVariant,
  type VariantSpec,
} from './variant-spec.ts';

/*
 * Layout of `numbers`: runs of k doubles, one per period, NaN where there is nothing yet.
 *
 *   run 0  ema            latest value                       all variants
 *   run 1  d1Roll         of the latest row
 *   run 2  canonEma       value of the latest canonical row
 *   run 3  canonD1        d1 of the latest canonical row
 *   run 4  bar            B, EMA of the bar closes           multi_tf, cal, cal_anchor
 *   run 5  emaBar         as runs 0 to 3, for ema_bar        cal, cal_anchor
 *   run 6  d1RollBar
 *   run 7  canonEmaBar
 *   run 8  canonD1Bar
 */

/** First run of the series `ema`, see the layout above. */
export const RUN_EMA = 0;
/** Run of the bar EMA. */
export const RUN_BAR = 4;
/** First run of the series `ema_bar`. */
export const RUN_EMA_BAR = 5;

const RUNS: Readonly<Record<EmaVariant, number>> = { v2: 4, multi_tf: 5, cal: 9, cal_anchor: 9 };

/** Everything that the next row of one (asset, timeframe) depends on; `advanceVariant` changes it in place. */
export interface VariantState {
  readonly spec: VariantSpec;
  /** Derived from the spec, not stored: factors, `1−α`, seed lengths. */
  readonly plan: VariantPlan;
  /** Daily rows consumed. */
  rowsSeen: number;
  /** Bars of these rows that have closed. */
  barsSeen: number;
  /** Kernel inputs in a row since the last NaN, up to the longest seed. */
  runLength: number;
  /** Sum of these inputs, left to right; shared by all periods that are not seeded yet. */
  seedSum: number;
  /** Number of periods with a value; these are always the first ones, because the list ascends. */
  seededCount: number;
  /** Lowest daily close since the first bar close (v2: the first row); `Infinity` before. */
  priceMin: number;
  /** Highest daily close since the first bar close (v2: the first row); `−Infinity` before. */
  priceMax: number;
  /** Per-period runs: the layout is documented in this file. */
  readonly numbers: Float64Array;
}

/** Constants of a spec, in the form that the inner loops need. */
export interface VariantPlan {
  readonly withBar: boolean;
  readonly isMemoryless: boolean;
  readonly seedLengths: Float64Array;
  /** Step over bar closes, or over daily closes for v2. */
  readonly kernel: Step;
  /** Daily step of the chained `ema` of the calendar families. */
  readonly chain: Step;
  /** Daily step of the rows between two closes. */
  readonly preview: Step;
}

const LAYOUT_VERSION = 1;
const HEADER_LENGTH = 10;

/**
 * Opens the state of a series before its first row.
 * @throws EmaError `EMA_BAD_PERIOD`, `EMA_BAD_OPTION`
 */
export function openVariantState(spec: VariantSpec): VariantState {
  return {
    spec,
    plan: constantsOf(spec).plan,
    rowsSeen: 0,
    barsSeen: 0,
    runLength: 0,
    seedSum: 0,
    seededCount: 0,
    priceMin: Infinity,
    priceMax: -Infinity,
    numbers: new Float64Array(RUNS[spec.variant] * spec.periods.length).fill(NaN),
  };
}

/** Values that depend on the spec alone. */
interface Constants {
  readonly plan: VariantPlan;
  readonly paramsHash: number;
  readonly periodsHash: number;
}

/** Cached, since many assets have states with the same spec. */
const constantsBySpec = new WeakMap<VariantSpec, Constants>();

function constantsOf(spec: VariantSpec): Constants {
  const known = constantsBySpec.get(spec);
  if (known !== undefined) return known;
  assertVariantSpec(spec);
  const alphas = variantAlphas(spec);
  const constants = {
    plan: {
      withBar: hasBarSeries(spec.variant),
      isMemoryless: isPreviewMemoryless(spec),
      seedLengths: Float64Array.from(spec.periods, (period) => seedLength(spec, period)),
      kernel: stepOf(alphas.kernel),
      chain: stepOf(alphas.chain),
      preview: stepOf(alphas.preview),
    },
    paramsHash: hashNumber(describeVariant(spec)),
    periodsHash: hashNumber(spec.periods.join(',')),
  };
  constantsBySpec.set(spec, constants);
  return constants;
}

/**
 * Writes a state as doubles: `[layoutVersion, paramsHash, periodsHash, rowsSeen, barsSeen, runLength, seedSum, seededCount,
 * priceMin, priceMax, ...numbers]`. Contains NaN and infinities; store it as binary or as text that keeps them.
 */
export function encodeVariantState(state: VariantState): Float64Array {
  const out = new Float64Array(HEADER_LENGTH + state.numbers.length);
  const { paramsHash, periodsHash } = constantsOf(state.spec);
  out[0] = LAYOUT_VERSION;
  out[1] = paramsHash;
  out[2] = periodsHash;
  out[3] = state.rowsSeen;
  out[4] = state.barsSeen;
  out[5] = state.runLength;
  out[6] = state.seedSum;
  out[7] = state.seededCount;
  out[8] = state.priceMin;
  out[9] = state.priceMax;
  out.set(state.numbers, HEADER_LENGTH);
  return out;
}

/**
 * Restores a state, bit for bit.
 * @param encoded what {@link encodeVariantState} wrote; copied
 * @throws EmaError `EMA_BAD_STATE` if length, layout, parameters or periods are not those of `spec`
 */
export function decodeVariantState(spec: VariantSpec, encoded: ArrayLike<number>): VariantState {
  const state = openVariantState(spec);
  const expectedLength = HEADER_LENGTH + state.numbers.length;
  if (encoded.length !== expectedLength) throw badState('length', encoded.length, expectedLength);
  if (encoded[0] !== LAYOUT_VERSION) throw badState('layout version', encoded[0], LAYOUT_VERSION);
  const { paramsHash, periodsHash } = constantsOf(spec);
  if (encoded[1] !== paramsHash) throw badState('parameter hash', encoded[1], paramsHash);
  if (encoded[2] !== periodsHash) throw badState('hash of the periods', encoded[2], periodsHash);
  const k = spec.periods.length;
  state.rowsSeen = countAt(encoded, 3, 'rowsSeen', Number.MAX_SAFE_INTEGER);
  state.barsSeen = countAt(encoded, 4, 'barsSeen', state.rowsSeen);
  state.runLength = countAt(encoded, 5, 'runLength', state.plan.seedLengths[k - 1]);
  state.seedSum = encoded[6];
  state.seededCount = countAt(encoded, 7, 'seededCount', k);
  state.priceMin = encoded[8];
  state.priceMax = encoded[9];
  for (let i = 0; i < state.numbers.length; i++) state.numbers[i] = encoded[HEADER_LENGTH + i];
  return state;
}

/** An independent copy of a state. */
export function copyVariantState(state: VariantState): VariantState {
  return { ...state, numbers: state.numbers.slice() };
}

/** Why a state with the spec `found` cannot be continued with `expected`, as text; null if it can. */
export function describeVariantMismatch(expected: VariantSpec, found: VariantSpec): string | null {
  const [wantedParams, foundParams] = [describeVariant(expected), describeVariant(found)];
  if (wantedParams !== foundParams) return `parameters are ${foundParams}; expected ${wantedParams}`;
  const [wantedPeriods, foundPeriods] = [expected.periods.join(','), found.periods.join(',')];
  return wantedPeriods === foundPeriods ? null : `periods are ${foundPeriods}; expected ${wantedPeriods}`;
}

function countAt(encoded: ArrayLike<number>, at: number, name: string, limit: number): number {
  const value = encoded[at];
  if (!Number.isInteger(value) || value < 0 || value > limit) {
    throw badState(name, value, `a whole number from 0 to ${limit}`);
  }
  return value;
}

function badState(what: string, found: number, expected: number | string): EmaError {
  return new EmaError('EMA_BAD_STATE', `stored variant state: ${what} is ${found}; expected ${expected}`, {
    hint: 'rebuild the series from its first input',
    context: { what, found, expected },
  });
}

function stepOf(alpha: Float64Array): Step {
  return { alpha, beta: alpha.map((factor) => 1 - factor) };
}
