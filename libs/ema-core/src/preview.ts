import { EmaError } from './errors.ts';
import { toFloat64 } from './float-input.ts';

/** What a preview needs to go on with the next chunk of days; the preview functions change it in place. */
export interface PreviewCarry {
  /** EMA at the latest closed bar; NaN before there is one. */
  lastBar: number;
  /** Latest value of the series (chained previews); NaN before there is one. */
  last: number;
}

/** How {@link previewChained} treats the day of a close. */
export interface ChainedOptions {
  /** True: the value snaps to the bar EMA on a close (`ema_bar`). False: it starts there and only chains on (`ema`). */
  readonly snap: boolean;
  /** Where an earlier chunk stopped; changed in place. */
  readonly carry?: PreviewCarry;
}

/** The carry of a series that has not begun. */
export function createPreviewCarry(): PreviewCarry {
  return { lastBar: NaN, last: NaN };
}

/**
 * Spreads a bar EMA over the daily grid without memory: on a close the bar EMA, on any other day what it would be if the bar
 * closed now, `α·x_t + (1−α)·B` with `B` of the latest bar closed strictly before.
 * @param x daily closes, length `len`
 * @param closeIndex strictly ascending positions in `x` where a bar closes
 * @param barEma EMA per bar, same length as `closeIndex`; NaN before its seed
 * @param alphaBar smoothing factor of the bar EMA
 * @returns values of length `len`, NaN before the first close with a bar EMA
 * @throws EmaError `EMA_BAD_INPUT`
 * @see emas.md 1.1
 */
export function previewMemoryless(
  x: ArrayLike<number>,
  closeIndex: ArrayLike<number>,
  barEma: ArrayLike<number>,
  alphaBar: number,
  carry: PreviewCarry = createPreviewCarry(),
): Float64Array {
  const closes = toFloat64(x);
  assertCloses(closes.length, closeIndex, barEma);
  const beta = 1 - alphaBar;
  const out = new Float64Array(closes.length);
  let { lastBar, last } = carry;
  let b = 0;
  for (let i = 0; i < closes.length; i++) {
    if (b < closeIndex.length && closeIndex[b] === i) {
      lastBar = barEma[b++];
      last = lastBar;
    } else {
      last = alphaBar * closes[i] + beta * lastBar;
    }
    out[i] = last;
  }
  carry.lastBar = lastBar;
  carry.last = last;
  return out;
}

/**
 * Spreads a bar EMA over the daily grid as a chain: it starts at the first close with a bar EMA, and every later day continues
 * from the day before, `α·x_t + (1−α)·v_{t−1}`; with `snap` each close sets it back to the bar EMA.
 * @param x daily closes, length `len`
 * @param closeIndex strictly ascending positions in `x` where a bar closes
 * @param barEma EMA per bar, same length as `closeIndex`; NaN before its seed
 * @param alphaDaily smoothing factor of one day
 * @returns values of length `len`, NaN before the first close with a bar EMA
 * @throws EmaError `EMA_BAD_INPUT`
 * @see emas.md 1.3 and 1.4
 */
export function previewChained(
  x: ArrayLike<number>,
  closeIndex: ArrayLike<number>,
  barEma: ArrayLike<number>,
  alphaDaily: number,
  options: ChainedOptions,
): Float64Array {
  const closes = toFloat64(x);
  assertCloses(closes.length, closeIndex, barEma);
  const carry = options.carry ?? createPreviewCarry();
  const beta = 1 - alphaDaily;
  const out = new Float64Array(closes.length);
  let { lastBar, last } = carry;
  let b = 0;
  for (let i = 0; i < closes.length; i++) {
    if (b < closeIndex.length && closeIndex[b] === i) {
      const isFirst = lastBar !== lastBar;
      lastBar = barEma[b++];
      last = options.snap || isFirst ? lastBar : alphaDaily * closes[i] + beta * last;
    } else {
      last = alphaDaily * closes[i] + beta * last;
    }
    out[i] = last;
  }
  carry.lastBar = lastBar;
  carry.last = last;
  return out;
}

function assertCloses(length: number, closeIndex: ArrayLike<number>, barEma: ArrayLike<number>): void {
  if (barEma.length !== closeIndex.length) {
    throw new EmaError(
      'EMA_BAD_INPUT',
      `barEma has ${barEma.length} entries; expected ${closeIndex.length}, one per close`,
    );
  }
  assertCloseIndex(length, closeIndex);
}

/**
 * Checks positions of closes: whole numbers inside the grid, strictly ascending.
 * @throws EmaError `EMA_BAD_INPUT`
 */
export function assertCloseIndex(length: number, closeIndex: ArrayLike<number>): void {
  let previous = -1;
  for (let b = 0; b < closeIndex.length; b++) {
    const at = closeIndex[b];
    if (!Number.isInteger(at) || at <= previous || at >= length) {
      throw new EmaError(
        'EMA_BAD_INPUT',
        `closeIndex[${b}] is ${at} after ${previous}; expected strictly ascending positions below ${length}`,
        { context: { index: b, value: at } },
      );
    }
    previous = at;
  }
}
