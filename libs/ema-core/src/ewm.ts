import { EmaError } from './errors.ts';
import { toFloat64, type EmaInput } from './float-input.ts';
import { resolveOptions, type EmaOptions } from './kernel-options.ts';
import { alphaOfParameter, type EmaParameter } from './parameter.ts';

/**
 * Choices of {@link ewmVar} and {@link ewmStd}; the defaults are those of pandas: `adjust` true (false with `seed: 'first'`),
 * `ignoreNa` false, `minPeriods` 1.
 */
export interface EwmOptions extends EmaOptions {
  /**
   * Default false: the variance is corrected for the number of weights, so that it is unbiased, and is NaN for a single input.
   */
  readonly bias?: boolean;
}

/**
 * Exponentially weighted variance of a series, as `ewm(…).var()` of pandas: around the weighted mean of the inputs so far.
 * @param x inputs; null, undefined and NaN are "no value"
 * @param parameter a period, or `{ span }`, `{ alpha }`, `{ com }`, `{ halfLife }`, `{ wilder }`
 * @returns values of the length of `x`; NaN where there is no value
 * @throws EmaError `EMA_BAD_PERIOD`, `EMA_BAD_ALPHA`, `EMA_BAD_INPUT`, `EMA_NAN_INPUT`, `EMA_BAD_OPTION`, also for any seed other
 * than `'first'`, because a variance starts with the first input
 * @example
 * ```ts
 * ewmVar([10, 11, 12], { span: 3 }); // NaN 0.5 0.857142857142857
 * ```
 */
export function ewmVar(x: EmaInput, parameter: EmaParameter, options: EwmOptions = {}): Float64Array {
  const { ignoreNa = false, minPeriods = 1, bias = false } = options;
  const seed = options.seed ?? undefined;
  const adjust = options.adjust ?? seed === undefined;
  if (seed !== undefined && seed !== 'first') {
    throw new EmaError('EMA_BAD_OPTION', `seed is ${JSON.stringify(seed)}; a variance begins with the first input`, {
      hint: 'leave seed out',
    });
  }
  if (!Number.isSafeInteger(minPeriods) || minPeriods < 0) {
    throw new EmaError('EMA_BAD_PERIOD', `minPeriods is ${minPeriods}; expected a whole number of at least 0`);
  }
  const { nan } = resolveOptions({ adjust, ignoreNa, nan: options.nan });
  const alpha = alphaOfParameter(parameter);
  const beta = 1 - alpha;
  const newWeight = adjust ? 1 : alpha;
  const input = toFloat64(x);
  const out = new Float64Array(input.length);
  // weights are relative to the newest input; `past` is the weight of everything before it
  let [mean, variance, past, sum, sumOfSquares, count] = [NaN, 0, 1, 1, 1, 0];
  for (let i = 0; i < input.length; i++) {
    const v = input[i];
    if (v !== v && nan === 'throw') {
      throw new EmaError('EMA_NAN_INPUT', `input ${i} is NaN; expected a number (nan policy "throw")`, {
        context: { index: i },
      });
    }
    const isObserved = v === v || (nan === 'propagate' && count > 0);
    if (isObserved) count++;
    if (count === 1 && isObserved) mean = v;
    else if (count > 0 && (isObserved || !ignoreNa)) {
      past *= beta;
      sum *= beta;
      sumOfSquares *= beta * beta;
      if (isObserved) {
        const total = past + newWeight;
        const before = mean;
        if (mean !== v) mean = (past * mean + newWeight * v) / total;
        variance = (past * (variance + (before - mean) ** 2) + newWeight * (v - mean) ** 2) / total;
        sum += newWeight;
        sumOfSquares += newWeight * newWeight;
        past = total;
        if (!adjust) {
          sum /= past;
          sumOfSquares /= past * past;
          past = 1;
        }
      }
    }
    const isShown = count >= Math.max(1, minPeriods) && (isObserved || nan !== 'mask');
    out[i] = isShown ? corrected(variance, sum, sumOfSquares, bias) : NaN;
  }
  return out;
}

/** The square root of {@link ewmVar}, as `ewm(…).std()` of pandas. @throws EmaError as {@link ewmVar} */
export function ewmStd(x: EmaInput, parameter: EmaParameter, options: EwmOptions = {}): Float64Array {
  return ewmVar(x, parameter, options).map(Math.sqrt);
}

function corrected(variance: number, sum: number, sumOfSquares: number, bias: boolean): number {
  if (bias) return variance;
  const denominator = sum * sum - sumOfSquares;
  return denominator > 0 ? ((sum * sum) / denominator) * variance : NaN;
}
