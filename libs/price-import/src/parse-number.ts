/** Why a cell is not a number; see {@link numberProblemText}. */
export type NumberProblem =
  | 'null_word'
  | 'infinite'
  | 'decimal_comma'
  | 'digit_grouping'
  | 'decimal_point_lost'
  | 'number_out_of_range'
  | 'not_a_number';

/** How a file writes its numbers. */
export interface NumberStyle {
  readonly decimal: '.' | ',';
  /** Thousands may be separated by an apostrophe or a blank, which is never ambiguous. */
  readonly hasBlanks?: boolean;
  /** Thousands may be separated by the other of `.` and `,`; amounts may end in K, M, B or T; a dollar sign may come first. */
  readonly isGrouped: boolean;
}

/** Reads a cell as a number: NaN for an empty cell (not known), or the reason why the cell is refused. */
export type NumberParser = (text: string) => number | NumberProblem;

// The mantissa's parts cannot match the same digits in two ways, so a long hostile cell costs linear time.
const DECIMAL = /^-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const NULL_WORD = /^(?:nan|null|none|nil|n\/a|na|#n\/a|undefined|missing|\\n|\?|[-\u2010-\u2015\u2212]+)$/i;
const INFINITE = /^[+-]?inf(?:inity)?$/i;
const DECIMAL_COMMA = /^-?[0-9]+,[0-9]+(?:[eE][+-]?[0-9]+)?$/;
const DIGIT_GROUPING = /^-?[0-9]{1,3}(?:[,.'\u2019 \u00a0\u202f][0-9]{3})+(?:[.,][0-9]+)?$/;
/** What a spreadsheet makes of a price if it treats the decimal point as a thousands separator. */
const DECIMAL_POINT_LOST = /^-?[0-9]{1,3}(?:\.[0-9]{3}){2,}$/;
// no number with groups begins with a zero: 0,123 is no 123
const GROUPED_BY = {
  ',': /^-?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?$/,
  '.': /^-?[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]+)?$/,
};
/** A number whose thousands are separated by apostrophes or blanks. */
const BLANK_GROUPS = /^\$?-?[1-9][0-9]{0,2}(?:(['\u2019 \u00a0\u202f])[0-9]{3})(?:\1[0-9]{3})*(?:[.,][0-9]+)?[KMBT]?$/i;
const AMOUNT = /^(.*[0-9])([KMBT])$/i;
const TIMES_TEN_TO = { K: 3, M: 6, B: 9, T: 12 } as const;

/**
 * Reads a plain decimal number: digits with an optional point, sign and exponent (`2.28E+12`), nothing else.
 *
 * @param text the cell without surrounding blanks
 * @returns the nearest double; NaN for an empty cell (not known); or the reason why the cell is refused. A number
 *   too large for a double, or a non-zero one too small, is refused instead of becoming infinity or zero.
 */
export function parseNumber(text: string): number | NumberProblem {
  const usual = usualNumber(text);
  // zero and infinity can be numbers too small or too large for a double
  if (usual - usual === 0 && usual !== 0) return usual;
  if (text === '') return Number.NaN;
  if (!DECIMAL.test(text)) return numberProblem(text);
  const value = Number(text);
  if (!Number.isFinite(value)) return 'number_out_of_range';
  if (value === 0 && /[1-9]/.test(text.replace(/[eE].*$/, ''))) return 'number_out_of_range';
  return value;
}

/** The reader of numbers written in a style. */
export function numberParser({ hasBlanks, ...style }: NumberStyle): NumberParser {
  const parse = parserWithoutBlanks(style);
  if (hasBlanks !== true) return parse;
  return (text) => {
    const value = parse(text);
    return typeof value === 'string' ? parse(withoutBlanks(text)) : value;
  };
}

function parserWithoutBlanks({ decimal, isGrouped }: NumberStyle): NumberParser {
  if (decimal === '.' && !isGrouped) return parseNumber;
  const group = decimal === '.' ? ',' : '.';
  return (text) => {
    if (!isGrouped) return group === '.' && text.includes('.') ? numberProblem(text) : parsePointed(text, decimal);
    if (text === '-') return Number.NaN;
    const bare = text.startsWith('$') ? text.slice(1) : text;
    const amount = AMOUNT.exec(bare);
    const digits = amount === null ? bare : amount[1];
    const plain = GROUPED_BY[group].test(digits) ? digits.replaceAll(group, '') : digits;
    if (plain.includes(group)) return numberProblem(text);
    const exponent = amount === null ? '' : `e${TIMES_TEN_TO[amount[2].toUpperCase() as keyof typeof TIMES_TEN_TO]}`;
    return parsePointed(plain, decimal, exponent);
  };
}

/** A number without the apostrophes or blanks that separate its thousands; any other text unchanged. */
export function withoutBlanks(text: string): string {
  return BLANK_GROUPS.test(text) ? text.replaceAll(/['\u2019 \u00a0\u202f]/g, '') : text;
}

/** A sentence for people about a {@link NumberProblem}. */
export function numberProblemText(problem: NumberProblem): string {
  switch (problem) {
    case 'null_word':
      return 'a placeholder for an unknown value; leave the field empty instead';
    case 'infinite':
      return 'infinity is not a price or an amount';
    case 'decimal_comma':
      return 'a comma in a number, where the file writes numbers with a decimal point and no groups';
    case 'digit_grouping':
      return 'digit groups other than those of the file; --columns reads them, with --decimal where that is not clear';
    case 'decimal_point_lost':
      return 'the decimal point is lost';
    case 'number_out_of_range':
      return 'outside the range of a double';
    case 'not_a_number':
      return 'not a plain decimal number';
  }
}

/**
 * The result of `Number` for a text that begins like a plain decimal number; NaN for a text that must be examined. Whatever
 * else `Number` accepts begins with a sign, a blank, an `I`, or a zero and a letter.
 */
function usualNumber(text: string): number {
  const first = text.charCodeAt(0);
  const isPlain =
    (first >= 0x31 && first <= 0x39) || // 1 to 9
    (first === 0x30 && !(text.charCodeAt(1) > 0x39)) || // 0, but not 0x10
    (first === 0x2d && text.charCodeAt(1) <= 0x39); // -, but not -Infinity
  return isPlain ? Number(text) : Number.NaN;
}

function parsePointed(text: string, decimal: '.' | ',', exponent = ''): number | NumberProblem {
  const pointed = decimal === ',' ? text.replace(',', '.') : text;
  const value = parseNumber(pointed + exponent);
  return typeof value === 'string' ? numberProblem(text) : value;
}

function numberProblem(text: string): NumberProblem {
  if (NULL_WORD.test(text)) return 'null_word';
  if (INFINITE.test(text)) return 'infinite';
  if (DECIMAL_COMMA.test(text)) return 'decimal_comma';
  if (DECIMAL_POINT_LOST.test(text)) return 'decimal_point_lost';
  if (DIGIT_GROUPING.test(text)) return 'digit_grouping';
  return 'not_a_number';
}
