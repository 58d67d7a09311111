import { EmaError } from './errors.ts';
import { numberOrNone, toFloat64, type EmaInput } from './float-input.ts';
import type { EmaOptions } from './kernel-options.ts';
import type { Chunk, Lanes } from './kernel.ts';
import { distinctKeys, specOf, type EmaKey, type EmaParameter } from './parameter.ts';
import {
  createState,
  doubleToText,
  push,
  pushChunk,
  refuseNan,
  restore,
  serialize,
  textToDouble,
  type EmaState,
  type EmaStateJson,
} from './state.ts';

/**
 * Periods computed at once: as many as the kernel processes in one pass. Each series is then copied into an array of its own:
 * allocating one large buffer per call takes many times as long as computing the EMAs, and keeping one series would keep the
 * whole buffer in memory.
 */
const PERIODS_TOGETHER = 4;

/**
 * EMAs of one series for many periods.
 * @param x inputs, closes usually; null, undefined and NaN are "no value"
 * @param parameters periods, or `{ span }`, `{ alpha }`, `{ com }`, `{ halfLife }`, `{ wilder }`; each given once
 * @returns per parameter a series as long as `x`, NaN before its first value; the key is the period, or a text such as
 * `wilder=14`
 * @throws EmaError `EMA_BAD_PERIOD`, `EMA_BAD_ALPHA`, `EMA_BAD_OPTION`, `EMA_BAD_INPUT`, `EMA_NAN_INPUT`
 * @example
 * ```ts
 * emas([10, 11, 12, 13], [2, 3]).get(3); // NaN NaN 11 12
 * ```
 */
export function emas<P extends EmaParameter>(
  x: EmaInput,
  parameters: readonly P[],
  options: EmaOptions = {},
): Map<EmaKey<P>, Float64Array> {
  const keys = distinctKeys(parameters);
  const input = toFloat64(x);
  const { length } = input;
  const together = new Float64Array(Math.min(PERIODS_TOGETHER, parameters.length) * length);
  const series = new Map<EmaKey<P>, Float64Array>();
  for (let at = 0; at < parameters.length; at += PERIODS_TOGETHER) {
    const some = parameters.slice(at, at + PERIODS_TOGETHER);
    push(stateOf(some, options), input, together);
    some.forEach((_, j) => series.set(keys[at + j], together.slice(j * length, (j + 1) * length)));
  }
  return series;
}

/** The state of a stream as plain JSON. */
export interface EmaStreamSnapshot {
  /** State before the newest input. */
  readonly before: EmaStateJson;
  /** The newest input as text (`NaN` for "no value"), null if there was none yet. */
  readonly last: string | null;
}

/** EMAs that are updated with one close at a time. No call allocates memory: every call overwrites the same array of values. */
export interface EmaStream<K extends number | string = number | string> {
  /** The periods, or the texts of other parameters, in the order of the values. */
  readonly keys: readonly K[];
  /**
   * The EMAs after the newest close; NaN while a seed is not complete. The next call overwrites the array, so copy values that
   * you keep.
   */
  readonly values: Float64Array;
  /** Whether every EMA has its first value. */
  readonly isReady: boolean;
  /** Takes the next close; null, undefined and NaN are "no value". @returns {@link EmaStream.values} */
  next(close: number | null | undefined): Float64Array;
  /**
   * Replaces the newest close by another value, for a bar that is still open.
   * @returns {@link EmaStream.values}
   * @throws EmaError `EMA_BAD_STATE` before the first close
   */
  replaceLast(close: number | null | undefined): Float64Array;
  /** The state of the stream, to be stored as JSON. */
  snapshot(): EmaStreamSnapshot;
  /**
   * Continues from a snapshot of a stream with the same parameters and options: bit for bit as if it had never stopped.
   * @returns the stream itself
   * @throws EmaError `EMA_BAD_STATE`
   */
  restore(snapshot: EmaStreamSnapshot): EmaStream<K>;
}

/**
 * Computes EMAs close by close, with the same bits that {@link emas} gives for the whole series.
 * @throws EmaError as {@link emas}
 * @example
 * ```ts
 * const stream = emaStream([2, 3]);
 * for (const close of closes) console.log(...stream.next(close));
 * ```
 */
export function emaStream<P extends EmaParameter>(
  parameters: readonly P[],
  options: EmaOptions = {},
): EmaStream<EmaKey<P>> {
  const keys = distinctKeys(parameters);
  const values = new Float64Array(keys.length).fill(NaN);
  const chunk: Chunk = { x: new Float64Array(1), out: values };
  const state = stateOf(parameters, options);
  const before = stateOf(parameters, options);
  let hasLast = false;

  /** The close as a number. An invalid close throws here, before the stream has changed. */
  const accepted = (close: unknown, index: number): number => {
    const value = numberOrNone(close, index);
    if (value !== value && state.options.nan === 'throw') refuseNan(Float64Array.of(value), index);
    return value;
  };
  const take = (value: number): Float64Array => {
    chunk.x[0] = value;
    pushChunk(state, chunk);
    return values;
  };
  const stream: EmaStream<EmaKey<P>> = {
    keys,
    values,
    get isReady() {
      for (let j = 0; j < keys.length; j++) if (state.lanes.count[j] < state.lanes.warmup[j]) return false;
      return true;
    },
    next(close) {
      const value = accepted(close, state.inputsSeen);
      copyProgress(state, before);
      take(value);
      hasLast = true;
      return values;
    },
    replaceLast(close) {
      if (!hasLast) {
        throw new EmaError('EMA_BAD_STATE', 'there is no close to replace; call next first');
      }
      const value = accepted(close, before.inputsSeen);
      copyProgress(before, state);
      return take(value);
    },
    snapshot() {
      return { before: serialize(hasLast ? before : state), last: hasLast ? doubleToText(chunk.x[0]) : null };
    },
    restore(snapshot) {
      const { before: stored, last } = (snapshot as EmaStreamSnapshot | null | undefined) ?? ({} as EmaStreamSnapshot);
      const restored = restore(stored);
      if (restored.hash !== state.hash) {
        throw new EmaError('EMA_BAD_STATE', 'the snapshot is of a stream with other parameters or options');
      }
      const value = last === null ? null : textToDouble(last);
      copyProgress(restored, state);
      copyProgress(restored, before);
      hasLast = value !== null;
      if (value === null) values.fill(NaN);
      else take(value);
      return stream;
    },
  };
  return stream;
}

/** Copies the state `from` into `to`; both are states of the same series. */
function copyProgress(from: EmaState, to: EmaState): void {
  copyLane(from.lanes, to.lanes, 'count');
  copyLane(from.lanes, to.lanes, 'sum');
  copyLane(from.lanes, to.lanes, 'prev');
  copyLane(from.lanes, to.lanes, 'weight');
  to.inputsSeen = from.inputsSeen;
}

function copyLane(from: Lanes, to: Lanes, name: 'count' | 'sum' | 'prev' | 'weight'): void {
  to[name].set(from[name]);
}

function stateOf(parameters: readonly EmaParameter[], options: EmaOptions): EmaState {
  return createState(
    parameters.map((parameter) => specOf(parameter, options)),
    options,
  );
}
