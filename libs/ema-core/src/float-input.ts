import { EmaError } from './errors.ts';

/** A series of numbers, as anything array-like or iterable; null, undefined and NaN are "no value". */
export type EmaInput = ArrayLike<number | null | undefined> | Iterable<number | null | undefined>;

/**
 * The values as `Float64Array`. A `Float64Array` is returned unchanged, other inputs are copied; null and undefined become NaN.
 * @throws EmaError `EMA_BAD_INPUT` for a value that is neither a number nor missing, such as a text or a bigint
 */
export function toFloat64(values: EmaInput): Float64Array {
  if (values instanceof Float64Array) return values;
  const items = listOf(values);
  const numbers = new Float64Array(items.length);
  for (let i = 0; i < items.length; i++) numbers[i] = numberOrNone(items[i], i);
  return numbers;
}

/**
 * Returns a number unchanged, and NaN for null and undefined.
 * @param index position in the series, for the error message
 * @throws EmaError `EMA_BAD_INPUT`
 */
export function numberOrNone(value: unknown, index: number): number {
  if (typeof value === 'number') return value;
  if (value === null || value === undefined) return NaN;
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value);
  throw new EmaError(
    'EMA_BAD_INPUT',
    `input ${index} is ${shown} (${typeof value}); expected a number, or null, undefined or NaN for "no value"`,
    { hint: 'convert texts and bigints with Number(…) first', context: { index, type: typeof value } },
  );
}

/**
 * The values as a list. Vectors of some libraries have a length but no access by index, so iterables are copied into an array.
 */
function listOf(values: EmaInput): ArrayLike<unknown> {
  if (typeof values === 'object' && values !== null) {
    const isIndexed = Array.isArray(values) || ArrayBuffer.isView(values);
    if (!isIndexed && Symbol.iterator in values) return [...values];
    const { length } = values as ArrayLike<unknown>;
    if (Number.isSafeInteger(length) && length >= 0) return values as ArrayLike<unknown>;
  }
  throw new EmaError('EMA_BAD_INPUT', `the input is ${typeof values}; expected an array, typed array or iterable`);
}
