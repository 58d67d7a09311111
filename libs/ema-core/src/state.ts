import { EmaError } from './errors.ts';
import { toFloat64, type EmaInput } from './float-input.ts';
import { holdAt, runFour, runOne, runWeighted, warmUp, type Chunk, type Lanes } from './kernel.ts';
import {
  describeParameters,
  resolveOptions,
  resolveSpecs,
  type EmaOptions,
  type EmaSpec,
  type ResolvedOptions,
  type ResolvedSpec,
} from './kernel-options.ts';
import { hashText, KERNEL_VERSION } from './params-hash.ts';

/** A running computation of `k` EMAs over one input series; {@link push} changes it in place. */
export interface EmaState {
  readonly specs: readonly ResolvedSpec[];
  readonly options: ResolvedOptions;
  /** Hash of kernel version, specs and options; the numbers of a state may be used only if it is equal. */
  readonly hash: string;
  /** Columns of length `k`, one entry per spec. */
  readonly lanes: Lanes;
  /** Inputs consumed so far. */
  inputsSeen: number;
}

/** An {@link EmaState} as plain JSON; doubles are stored as the shortest decimal text that restores them exactly. */
export interface EmaStateJson {
  readonly kernelVersion: number;
  readonly hash: string;
  readonly specs: readonly ResolvedSpec[];
  readonly options: ResolvedOptions;
  readonly inputsSeen: number;
  readonly count: readonly number[];
  readonly sum: readonly string[];
  readonly prev: readonly string[];
  readonly weight: readonly string[];
}

/**
 * Opens an empty state.
 * @param specs the series to compute, in output order
 * @throws EmaError `EMA_BAD_PERIOD`, `EMA_BAD_ALPHA`, `EMA_BAD_OPTION`
 */
export function createState(specs: readonly EmaSpec[], options: EmaOptions = {}): EmaState {
  return openState(resolveSpecs(specs, options), resolveOptions(options));
}

/**
 * Processes a chunk of inputs. The batch form uses the same code, so any division of a series into chunks gives the same bits.
 * @param state changed in place
 * @param xChunk inputs; NaN is handled according to the state's options
 * @param out receives the values; at least `k·len` long, allocated if left out
 * @returns `out`: period-major, the values of spec `j` at `[j·len, (j+1)·len)`, NaN where there is no value
 * @throws EmaError `EMA_NAN_INPUT` (policy `'throw'`; the state is then unchanged), `EMA_BAD_INPUT` if `out` is too short
 */
export function push(state: EmaState, xChunk: EmaInput, out?: Float64Array): Float64Array {
  const x = toFloat64(xChunk);
  const length = x.length;
  const k = state.specs.length;
  if (out !== undefined && out.length < k * length) {
    throw new EmaError('EMA_BAD_INPUT', `out has ${out.length} entries; expected at least ${k * length}`);
  }
  const chunk: Chunk = { x, out: out ?? new Float64Array(k * length) };
  pushChunk(state, chunk);
  return chunk.out;
}

/** {@link push} for an existing chunk object; for a chunk of one input it allocates no memory. */
export function pushChunk(state: EmaState, chunk: Chunk): void {
  const { options, lanes } = state;
  const { x } = chunk;
  const k = state.specs.length;
  if (options.nan === 'throw') refuseNan(x, state.inputsSeen);
  const holds = options.nan === 'propagate' ? NOWHERE : nanPositions(x);
  if (isWeighted(state, holds)) pushWeighted(lanes, k, chunk, options);
  else pushPlain(lanes, k, chunk, options, holds);
  state.inputsSeen += x.length;
}

/** Writes a state as plain JSON. */
export function serialize(state: EmaState): EmaStateJson {
  const { lanes } = state;
  return {
    kernelVersion: KERNEL_VERSION,
    hash: state.hash,
    specs: state.specs,
    options: state.options,
    inputsSeen: state.inputsSeen,
    count: Array.from(lanes.count),
    sum: Array.from(lanes.sum, doubleToText),
    prev: Array.from(lanes.prev, doubleToText),
    weight: Array.from(lanes.weight, doubleToText),
  };
}

/**
 * Restores a state; continuing from it gives the same bits as if the computation had never stopped.
 * @throws EmaError `EMA_BAD_STATE` if version, hash or shape do not match, or a number is damaged
 */
export function restore(json: EmaStateJson): EmaState {
  const version = (json as EmaStateJson | null | undefined)?.kernelVersion;
  if (version !== KERNEL_VERSION) throw badState(`kernelVersion is ${version}; expected ${KERNEL_VERSION}`);
  const state = openStored(json);
  if (json.hash !== state.hash)
    throw badState(`hash is ${json.hash}; expected ${state.hash} for its specs and options`);
  if (!Number.isSafeInteger(json.inputsSeen) || json.inputsSeen < 0) {
    throw badState(`inputsSeen is ${json.inputsSeen}; expected a whole number of at least 0`);
  }
  state.inputsSeen = json.inputsSeen;
  const { lanes } = state;
  fillLane('count', lanes.count, json.count, (count, j) => assertCount(count, lanes.warmup[j]));
  fillLane('sum', lanes.sum, json.sum, textToDouble);
  fillLane('prev', lanes.prev, json.prev, textToDouble);
  fillLane('weight', lanes.weight, json.weight, textToDouble);
  return state;
}

function openStored({ specs, options }: EmaStateJson): EmaState {
  try {
    return openState(resolveSpecs(specs), resolveOptions(options));
  } catch (cause) {
    throw badState('its specs or options are damaged', cause);
  }
}

function openState(specs: ResolvedSpec[], options: ResolvedOptions): EmaState {
  const k = specs.length;
  const lanes: Lanes = {
    alpha: Float64Array.from(specs, (spec) => spec.alpha),
    beta: Float64Array.from(specs, (spec) => 1 - spec.alpha),
    warmup: Float64Array.from(specs, (spec) => spec.warmup),
    count: new Float64Array(k),
    sum: new Float64Array(k),
    prev: new Float64Array(k).fill(typeof options.seed === 'object' ? options.seed.value : NaN),
    weight: new Float64Array(k).fill(1),
  };
  const hash = hashText(`kernel=${KERNEL_VERSION};${describeParameters(specs, options)}`);
  return { specs, options, hash, lanes, inputsSeen: 0 };
}

/**
 * Whether the weighted form has to be used: always for the weighted mean (`adjust`), and with `ignoreNa` false if this or an
 * earlier chunk has a gap over which the past decays.
 */
function isWeighted({ options, lanes }: EmaState, holds: readonly number[]): boolean {
  if (options.adjust) return true;
  return !options.ignoreNa && (holds.length > 0 || hasFaded(lanes.weight));
}

/**
 * Whether the past of any lane has decayed over a gap. This is a loop because a callback would allocate an object for each
 * weight.
 */
function hasFaded(weights: Float64Array): boolean {
  for (let j = 0; j < weights.length; j++) if (weights[j] !== 1) return true;
  return false;
}

/** Index at which each of four lanes has warmed up. Shared by all calls, since each call writes it before reading it. */
const STARTS = new Int32Array(4);

/**
 * @param holds positions of NaN; the inner loops run over the inputs between them, because a test per input would cost more than
 * the recurrence
 */
function pushPlain(
  lanes: Lanes,
  k: number,
  chunk: Chunk,
  { seed, nan }: ResolvedOptions,
  holds: readonly number[],
): void {
  const { x } = chunk;
  const mask = nan === 'mask';
  let j = 0;
  for (; j + 4 <= k; j += 4) {
    let start = 0;
    for (let lane = j; lane < j + 4; lane++) {
      STARTS[lane - j] = warmUp(lanes, lane, chunk, seed, nan);
      start = Math.max(start, STARTS[lane - j]);
    }
    for (let lane = j; lane < j + 4; lane++) runHolding(lanes, lane, 1, chunk, STARTS[lane - j], start, holds, mask);
    runHolding(lanes, j, 4, chunk, start, x.length, holds, mask);
  }
  for (; j < k; j++) {
    runHolding(lanes, j, 1, chunk, warmUp(lanes, j, chunk, seed, nan), x.length, holds, mask);
  }
}

/** Runs the warm lanes `j … j+width−1` over `[from, until)`, holding their values at the positions in `holds`. */
// oxlint-disable-next-line max-params -- a parameter object would be an allocation for every single input
function runHolding(
  lanes: Lanes,
  j: number,
  width: 1 | 4,
  chunk: Chunk,
  from: number,
  until: number,
  holds: readonly number[],
  mask: boolean,
): void {
  const run = width === 4 ? runFour : runOne;
  let begin = from;
  for (let h = 0; h < holds.length; h++) {
    const hold = holds[h];
    if (hold < from) continue;
    if (hold >= until) break;
    run(lanes, j, chunk, begin, hold);
    for (let lane = j; lane < j + width; lane++) holdAt(lanes, lane, chunk, hold, mask);
    begin = hold + 1;
  }
  run(lanes, j, chunk, begin, until);
}

const NOWHERE: readonly number[] = Object.freeze([]);
const AT_THE_START: readonly number[] = Object.freeze([0]);

function nanPositions(x: Float64Array): readonly number[] {
  if (x.length === 1) return x[0] === x[0] ? NOWHERE : AT_THE_START;
  const positions: number[] = [];
  for (let i = 0; i < x.length; i++) if (x[i] !== x[i]) positions.push(i);
  return positions;
}

function pushWeighted(lanes: Lanes, k: number, chunk: Chunk, options: ResolvedOptions): void {
  for (let j = 0; j < k; j++) {
    const from = options.seed === 'sma' ? warmUp(lanes, j, chunk, options.seed, options.nan) : 0;
    runWeighted(lanes, j, chunk, from, options);
  }
}

/** @throws EmaError `EMA_NAN_INPUT` if a value is NaN; `inputsSeen` is the number of inputs before `x`, for the message */
export function refuseNan(x: Float64Array, inputsSeen: number): void {
  const at = x.findIndex((v) => v !== v);
  if (at >= 0) {
    throw new EmaError('EMA_NAN_INPUT', `input ${inputsSeen + at} is NaN; expected a number (nan policy "throw")`, {
      context: { index: inputsSeen + at },
    });
  }
}

function fillLane(
  name: string,
  lane: Float64Array,
  cells: unknown,
  read: (cell: unknown, index: number) => number,
): void {
  const found = Array.isArray(cells) ? cells.length : 'no';
  if (found !== lane.length) throw badState(`${name} has ${found} entries; expected ${lane.length}`);
  lane.set((cells as unknown[]).map(read));
}

function assertCount(count: unknown, warmup: number): number {
  if (Number.isSafeInteger(count) && (count as number) >= 0 && (count as number) <= warmup) return count as number;
  throw badState(`count is ${String(count)}; expected a whole number from 0 to ${warmup}`);
}

function badState(fault: string, cause?: unknown): EmaError {
  return new EmaError('EMA_BAD_STATE', `stored EMA state: ${fault}`, {
    hint: 'compute the series again from its first input',
    cause,
  });
}

/** A double as the shortest text from which {@link textToDouble} restores it, bit for bit. */
export function doubleToText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** @throws EmaError `EMA_BAD_STATE` for anything but a text that {@link doubleToText} may have written */
export function textToDouble(text: unknown): number {
  const value = typeof text === 'string' && text.trim() !== '' ? Number(text) : NaN;
  if (value !== value && text !== 'NaN') throw badState(`${JSON.stringify(text)} is not the text of a number`);
  return value;
}
