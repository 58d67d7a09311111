import type { Delimiter } from './cut-lines.ts';
import { ImportError } from './errors.ts';
import type { FormatShape, TargetColumn } from './format-shapes.ts';
import { type DateOrder, yearLastParts } from './parse-instant.ts';
import { withoutBlanks, type NumberStyle } from './parse-number.ts';

/** The first rows of a file whose columns are known. */
export interface FirstRows {
  readonly shape: FormatShape;
  /** Position of each column that is read. */
  readonly at: Readonly<Partial<Record<TargetColumn, number>>>;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly delimiter: Delimiter;
  readonly fileName: string;
}

/**
 * The order of day and month in a file's dates, from the first rows: a number above 12 must be the day.
 *
 * @throws ImportError `IMPORT_AMBIGUOUS` when both orders fit and none is given
 */
export function dateOrderOf(
  { shape, at, columns, rows, fileName }: FirstRows,
  given: DateOrder | undefined,
): DateOrder {
  if (given !== undefined) return given;
  if (shape.stamp !== 'date') return 'ymd';
  const place = at.stamp as number;
  const dates = rows.map((row) => ({ text: row[place], parts: yearLastParts(row[place]) }));
  const written = dates.filter(({ parts }) => parts !== null);
  if (written.length === 0) return 'ymd';
  const isDayFirst = written.some(({ parts }) => parts![0] > 12);
  const isMonthFirst = written.some(({ parts }) => parts![1] > 12);
  if (isDayFirst !== isMonthFirst) return isDayFirst ? 'dmy' : 'mdy';
  const [{ text, parts }] = written;
  const [first, second] = parts!;
  throw ambiguous(
    fileName,
    `"${text}" in column "${columns[place]}" can be day ${first} of month ${second}, or month ${first}, day ${second}`,
    'Say which: --date-order dmy or --date-order mdy.',
  );
}

const PRICES: readonly TargetColumn[] = ['open', 'high', 'low', 'close', 'adjusted'];
const AMOUNTS: readonly TargetColumn[] = ['volume', 'marketCap', 'circulatingSupply'];

/**
 * How a file writes numbers, from its first rows: the decimal sign is whichever of point and comma cannot separate thousands
 * there.
 *
 * @throws ImportError `IMPORT_AMBIGUOUS` when `1,234` or `1.234` can be over a thousand or just over one, and no cell decides
 */
export function numberStyleOf(
  { shape, at, columns, rows, delimiter, fileName }: FirstRows,
  given: '.' | ',' | undefined,
): NumberStyle {
  const places = [...PRICES, ...AMOUNTS].map((target) => at[target]).filter((place) => place !== undefined);
  const cells = rows.flatMap((row) =>
    places.map((place) => ({ text: withoutBlanks(row[place].replace(/^\$/, '')), column: columns[place] })),
  );
  // numbers of a plain table may have thousands separators only if a number with both signs, or the operator, shows which
  const isPlain = shape.kind === 'stooq';
  const isGrouped =
    shape.isGrouped || (isPlain && (given !== undefined || cells.some(({ text }) => isTwoSigned(text))));
  const style = (decimal: '.' | ','): NumberStyle => ({ decimal, isGrouped, hasBlanks: isPlain || shape.isGrouped });
  if (given !== undefined) return style(given);
  const hasPoint = cells.some(({ text }) => text.includes('.'));
  // if the fields are not separated by commas, points with three digits after each can separate thousands
  const canGroup = shape.stamp === 'date' && delimiter !== ',';
  if (!isGrouped && !canGroup && hasPoint) return style('.');
  const signs = new Set(cells.map(({ text }) => decimalSign(text)));
  if (signs.has('.')) return style('.');
  if (signs.has(',')) return style(',');
  // if commas separate the fields, no point is expected to separate thousands
  const open = cells.find(({ text }) => COULD_BE_BOTH.test(text) && !(delimiter === ',' && text.includes('.')));
  if (open === undefined) return style('.');
  const { text, column } = open;
  throw ambiguous(
    fileName,
    `"${text}" in column "${column}" can be ${text.replace(/[.,]/, '')}, or ${text.replace(',', '.')} with a decimal ${text.includes(',') ? 'comma' : 'point'}`,
    'Say which: --decimal point or --decimal comma.',
  );
}

/** A sign before three digits: they are a group of thousands, or three decimals. */
const COULD_BE_BOTH = /^-?[1-9][0-9]{0,2}[.,][0-9]{3}[KMBT]?$/i;
const ONE_SIGN = /^-?([0-9]+)([.,])([0-9]+)(?:[eE][+-]?[0-9]+)?[KMBT]?$/i;
const TWO_SIGNS = /^-?[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*([.,])[0-9]+[KMBT]?$/i;

/** Whether a number separates thousands with one sign and decimals with the other: `1,234.5`. */
function isTwoSigned(text: string): boolean {
  const two = TWO_SIGNS.exec(text);
  return two !== null && two[1] !== two[2];
}

/** The sign that must be the decimal sign of a number; null when both can be. */
function decimalSign(text: string): '.' | ',' | null {
  const two = TWO_SIGNS.exec(text);
  if (two !== null && two[1] !== two[2]) return two[2] as '.' | ',';
  const one = ONE_SIGN.exec(text);
  if (one === null || COULD_BE_BOTH.test(text)) return null;
  return one[2] as '.' | ',';
}

function ambiguous(fileName: string, message: string, hint: string): ImportError {
  return new ImportError('IMPORT_AMBIGUOUS', `${fileName}: ${message}`, { hint, context: { fileName } });
}
