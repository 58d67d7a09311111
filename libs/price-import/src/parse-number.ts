/** Why a cell is not a number; see {@link numberProblemText}. */
export type NumberProblem =
  | 'null_word'
  | 'infinite'
  | 'decimal_comma'
  | 'digit_grouping'
  | 'number_out_of_range'
  | 'not_a_number';

// The mantissa's parts cannot match the same digits in two ways, so a long hostile cell costs linear time.
const DECIMAL = /^-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const NULL_WORD = /^(?:nan|null|none|nil|n\/a|na|#n\/a|undefined|missing|\\n|\?|[-\u2010-\u2015\u2212]+)$/i;
const INFINITE = /^[+-]?inf(?:inity)?$/i;
const DECIMAL_COMMA = /^-?[0-9]+,[0-9]+(?:[eE][+-]?[0-9]+)?$/;
const DIGIT_GROUPING = /^-?[0-9]{1,3}(?:[,.' \u00a0\u202f][0-9]{3})+(?:[.,][0-9]+)?$/;

/**
 * Reads a plain decimal number: digits with an optional point, sign and exponent (`2.28E+12`), nothing else.
 *
 * @param text the cell without surrounding blanks
 * @returns the nearest double; NaN for an empty cell (not known); or the reason why the cell is refused. A number
 *   too large for a double, or a non-zero one too small, is refused instead of becoming infinity or zero.
 */
export function parseNumber(text: string): number | NumberProblem {
  if (text === '') return Number.NaN;
  if (!DECIMAL.test(text)) return numberProblem(text);
  const value = Number(text);
  if (!Number.isFinite(value)) return 'number_out_of_range';
  if (value === 0 && /[1-9]/.test(text.replace(/[eE].*$/, ''))) return 'number_out_of_range';
  return value;
}

/** A sentence for people about a {@link NumberProblem}. */
export function numberProblemText(problem: NumberProblem): string {
  switch (problem) {
    case 'null_word':
      return 'a word for "not known"; leave the field empty instead';
    case 'infinite':
      return 'infinity is not a price or an amount';
    case 'decimal_comma':
      return 'a decimal comma or a digit group; write a decimal point and no groups';
    case 'digit_grouping':
      return 'digit groups; write the digits without separators';
    case 'number_out_of_range':
      return 'outside the range of a double';
    case 'not_a_number':
      return 'not a plain decimal number';
  }
}

function numberProblem(text: string): NumberProblem {
  if (NULL_WORD.test(text)) return 'null_word';
  if (INFINITE.test(text)) return 'infinite';
  if (DECIMAL_COMMA.test(text)) return 'decimal_comma';
  if (DIGIT_GROUPING.test(text)) return 'digit_grouping';
  return 'not_a_number';
}
