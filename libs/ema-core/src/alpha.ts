import { EmaError } from './errors.ts';

/**
 * Smoothing factor of an EMA of `n` bars: `2/(n+1)`.
 * @param n period in bars, at least 1
 * @throws EmaError `EMA_BAD_PERIOD`
 * @see docs/emas.md#smoothing-factors
 */
export function alphaBar(n: number): number {
  assertAtLeastOne('n', n);
  return 2 / (n + 1);
}

/**
 * Daily smoothing factor of an EMA over the whole horizon of `n` bars of `tfDays` days: `2/(n·T+1)`.
 * It only approximates the decay of the bar EMA; {@link alphaDailyEquivalent} reproduces it.
 * @param n period in bars, at least 1
 * @param tfDays nominal days of one bar, at least 1
 * @throws EmaError `EMA_BAD_PERIOD`
 * @see docs/emas.md#smoothing-factors
 */
export function alphaDailySpace(n: number, tfDays: number): number {
  assertAtLeastOne('n', n);
  assertAtLeastOne('tfDays', tfDays);
  return 2 / (n * tfDays + 1);
}

/**
 * Daily smoothing factor whose `tfDays` steps together decay the old state by exactly the factor `1−α_bar(n)` of one bar:
 * `1−(1−α_bar)^(1/T)`. Evaluated through logarithms, which keeps the leading digits of very small factors.
 * @param n period in bars, at least 1 (1 gives the factor 1)
 * @param tfDays nominal days of one bar, at least 1 (1 gives `α_bar` itself)
 * @throws EmaError `EMA_BAD_PERIOD`
 * @see docs/emas.md#smoothing-factors
 */
export function alphaDailyEquivalent(n: number, tfDays: number): number {
  const bar = alphaBar(n);
  assertAtLeastOne('tfDays', tfDays);
  if (tfDays === 1) return bar;
  if (bar === 1) return 1;
  return -Math.expm1(Math.log1p(-bar) / tfDays);
}

/**
 * {@link alphaDailyEquivalent} by the power formula that the reference uses. It serves only for comparisons with the reference:
 * it loses digits for long timeframes and does not reproduce `α_bar` at one day.
 * @throws EmaError `EMA_BAD_PERIOD`
 * @see docs/emas.md#smoothing-factors
 */
export function alphaDailyEquivalentByPower(n: number, tfDays: number): number {
  const bar = alphaBar(n);
  assertAtLeastOne('tfDays', tfDays);
  return 1 - Math.pow(1 - bar, 1 / tfDays);
}

/**
 * Number of steps after which the weight of an input has halved; 0 for `alpha` 1.
 * @param alpha smoothing factor, above 0 and at most 1
 * @throws EmaError `EMA_BAD_ALPHA`
 */
export function halfLife(alpha: number): number {
  assertAlpha('alpha', alpha);
  return alpha === 1 ? 0 : -Math.LN2 / Math.log1p(-alpha);
}

/**
 * Smoothing factor whose weights halve every `steps` steps; the inverse of {@link halfLife}.
 * @param steps half-life in steps, above 0
 * @throws EmaError `EMA_BAD_ALPHA`
 */
export function alphaFromHalfLife(steps: number): number {
  if (!(steps > 0)) throw new EmaError('EMA_BAD_ALPHA', `steps is ${steps}; expected a half-life above 0`);
  return -Math.expm1(-Math.LN2 / steps);
}

/**
 * Smoothing factor of a centre of mass `c`, as in pandas `ewm(com=c)`: `1/(1+c)`.
 * @param c centre of mass, at least 0
 * @throws EmaError `EMA_BAD_ALPHA`
 */
export function alphaFromCom(c: number): number {
  if (!(c >= 0)) throw new EmaError('EMA_BAD_ALPHA', `c is ${c}; expected a centre of mass of at least 0`);
  return 1 / (1 + c);
}

/**
 * Checks a smoothing factor: above 0 and at most 1.
 * @throws EmaError `EMA_BAD_ALPHA`
 */
export function assertAlpha(name: string, alpha: number): void {
  if (!(alpha > 0 && alpha <= 1)) {
    throw new EmaError('EMA_BAD_ALPHA', `${name} is ${alpha}; expected a number above 0 and at most 1`, {
      context: { [name]: alpha },
    });
  }
}

function assertAtLeastOne(name: string, value: number): void {
  if (!(value >= 1 && value < Infinity)) {
    throw new EmaError('EMA_BAD_PERIOD', `${name} is ${value}; expected a finite number of at least 1`, {
      context: { [name]: value },
    });
  }
}
