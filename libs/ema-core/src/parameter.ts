import { alphaBar, alphaFromCom, alphaFromHalfLife, assertAlpha } from './alpha.ts';
import { EmaError } from './errors.ts';
import { hasSeedValue, type EmaOptions, type EmaSpec } from './kernel-options.ts';

/**
 * How fast an average forgets: a whole period `n` (`α = 2/(n+1)`), the same as `{ span }`; or a parameter of pandas' `ewm`:
 * `{ alpha }`, `{ com }`, `{ halfLife }`; `{ wilder: n }` is Wilder's smoothing, `α = 1/n` (RSI, ATR, ADX; elsewhere RMA or
 * SMMA).
 */
export type EmaParameter =
  | number
  | { readonly span: number }
  | { readonly alpha: number }
  | { readonly com: number }
  | { readonly halfLife: number }
  | { readonly wilder: number };

/** The key of a result: a period is its own key, any other parameter has a text, such as `halfLife=10`. */
export type EmaKey<P extends EmaParameter> = P extends number ? number : string;

const FORMS = ['span', 'alpha', 'com', 'halfLife', 'wilder'] as const;
type Form = (typeof FORMS)[number];

/** The key of a parameter. @throws EmaError `EMA_BAD_OPTION` */
export function keyOf<P extends EmaParameter>(parameter: P): EmaKey<P> {
  if (typeof parameter === 'number') return parameter as number as EmaKey<P>;
  const { form, value } = readForm(parameter);
  return `${form}=${value}` as EmaKey<P>;
}

/**
 * The keys of parameters, in their order.
 * @throws EmaError `EMA_BAD_PERIOD` if they are no array, there is none or one occurs twice, `EMA_BAD_OPTION`
 */
export function distinctKeys<P extends EmaParameter>(parameters: readonly P[]): EmaKey<P>[] {
  if (!Array.isArray(parameters as unknown)) {
    throw new EmaError('EMA_BAD_PERIOD', `periods are ${String(parameters)}; expected an array of them`);
  }
  const keys = parameters.map(keyOf);
  if (keys.length > 0 && new Set(keys).size === keys.length) return keys;
  throw new EmaError('EMA_BAD_PERIOD', `periods are [${keys.join(', ')}]; expected one or more, each given once`);
}

/**
 * The spec of a parameter. An SMA seed has `n` inputs; for a parameter that is not a whole period, `n` is the span with the same
 * smoothing factor, rounded, and at least 1. `minPeriods` overrides this.
 * @throws EmaError `EMA_BAD_OPTION`, `EMA_BAD_PERIOD`, `EMA_BAD_ALPHA`
 */
export function specOf(parameter: EmaParameter, options: EmaOptions = {}): EmaSpec {
  if (typeof parameter === 'number') return { n: parameter };
  const { form, value } = readForm(parameter);
  if (form === 'wilder') return { n: value, alpha: 1 / assertWhole(value) };
  const alpha = alphaOf(form, value);
  const n = form === 'span' ? value : Math.max(1, 2 / alpha - 1);
  const isSeedSaid = (options.minPeriods ?? undefined) !== undefined || hasSeedValue(options);
  return isSeedSaid ? { n, alpha } : { n, alpha, warmup: Math.max(1, Math.round(n)) };
}

/** The smoothing factor of a parameter. @throws EmaError as {@link specOf} */
export function alphaOfParameter(parameter: EmaParameter): number {
  if (typeof parameter === 'number') return alphaBar(parameter);
  const { form, value } = readForm(parameter);
  return form === 'wilder' ? 1 / assertWhole(value) : alphaOf(form, value);
}

function alphaOf(form: Exclude<Form, 'wilder'>, value: number): number {
  if (form === 'span') return alphaBar(value);
  if (form === 'com') return alphaFromCom(value);
  if (form === 'halfLife') return alphaFromHalfLife(value);
  assertAlpha('alpha', value);
  return value;
}

function assertWhole(period: number): number {
  if (Number.isSafeInteger(period) && period >= 1) return period;
  throw new EmaError('EMA_BAD_PERIOD', `wilder is ${period}; expected a whole number of at least 1`);
}

function readForm(parameter: unknown): { form: Form; value: number } {
  const entries = typeof parameter === 'object' && parameter !== null ? Object.entries(parameter) : [];
  const [form, value] = entries[0] ?? [];
  if (entries.length === 1 && FORMS.includes(form as Form) && typeof value === 'number') {
    return { form: form as Form, value };
  }
  const shown = typeof parameter === 'object' ? JSON.stringify(parameter) : String(parameter);
  throw new EmaError(
    'EMA_BAD_OPTION',
    `the parameter is ${shown}; expected a period or one of { span }, { alpha }, { com }, { halfLife }, { wilder }`,
  );
}
