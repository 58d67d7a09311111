import Papa from 'papaparse';
import { type LineProblem, shownValue } from './line-reject.ts';
import { MAX_LINE_LENGTH, type TextBlock } from './read-blocks.ts';

/** A separator of fields. */
export type Delimiter = ',' | ';' | '\t';

/** The fields of a line, or why it cannot be cut into fields. Blanks around fields are kept, except around quoted ones. */
export type CutLine = readonly string[] | LineProblem;

/**
 * Cuts a block into the fields of its lines (RFC 4180 quoting, by Papa Parse), an entry per line.
 *
 * A line is a record. A parser that reads the file as a whole lets a quoted field run over line ends, so that one stray
 * quote costs every line up to the next one; no known price format has line ends inside fields. A block is therefore
 * parsed as a whole only if nothing in it is odd, and otherwise line by line, so that a defect affects only its own line.
 */
export function cutLines(block: TextBlock, delimiter: Delimiter): readonly CutLine[] {
  if (!block.hasLongLine && !block.text.includes('\ufffd')) {
    const { data, errors } = parse(block.text, delimiter);
    if (!block.text.includes('"')) return data;
    if (errors.length === 0 && !data.some(hasQuoteOrLineEnd)) return data;
  }
  return block.text.split('\n').map((line) => cutLine(line, delimiter));
}

/** Cuts one line into fields, blanks around them removed; null when its quoting is broken. */
export function fieldsOf(line: string, delimiter: Delimiter): string[] | null {
  const fields = cutLine(line, delimiter);
  return isProblem(fields) ? null : fields.map((field) => field.trim());
}

/** Whether a line could not be cut. */
export function isProblem(line: CutLine): line is LineProblem {
  return !Array.isArray(line);
}

/** A problem of a line as a whole. */
export function wholeLine(reason: LineProblem['reason'], line: string, message: string): LineProblem {
  return { reason, column: null, value: shownValue(line), message };
}

function cutLine(line: string, delimiter: Delimiter): CutLine {
  if (line.length > MAX_LINE_LENGTH) {
    return wholeLine('line_too_long', line, `longer than ${MAX_LINE_LENGTH} characters`);
  }
  if (line.includes('\ufffd')) return wholeLine('not_utf8', line, 'holds bytes that are not UTF-8');
  if (line === '') return [''];
  const fields = parse(line, delimiter).data[0];
  if (!line.includes('"')) return fields;
  // blanks around a quoted field are allowed, but Papa Parse does not support them
  const second = parse(withoutPadding(line, delimiter), delimiter);
  if (WELL_QUOTED[delimiter].test(line)) return fields.some(beginsWithQuote) ? second.data[0] : fields;
  return second.errors.length > 0 && second.errors.every(({ code }) => code === 'MissingQuotes')
    ? wholeLine('unclosed_quote', line, 'a quoted field does not end on its line')
    : wholeLine('misplaced_quote', line, 'a quote inside a field that does not start with it');
}

/** Blanks allowed around a quoted field. */
const BLANK: Readonly<Record<Delimiter, string>> = { ',': '\\s', ';': '\\s', '\t': '[^\\S\\t]' };

/** Lines whose fields are either quoted from end to end, blanks aside, or hold no quote. Papa Parse accepts other lines, too. */
const WELL_QUOTED: Readonly<Record<Delimiter, RegExp>> = {
  ',': wellQuoted(','),
  ';': wellQuoted(';'),
  '\t': wellQuoted('\t'),
};

function wellQuoted(delimiter: Delimiter): RegExp {
  const blanks = `${BLANK[delimiter]}*`;
  const field = `(?:${blanks}"[^"]*(?:""[^"]*)*"${blanks}|[^"${delimiter}]*)`;
  return new RegExp(`^${field}(?:${delimiter}${field})*$`);
}

interface Parsed {
  readonly data: string[][];
  readonly errors: readonly { readonly code: string }[];
}

function parse(text: string, delimiter: Delimiter): Parsed {
  return new Papa.Parser({ delimiter, newline: '\n' }).parse(text, 0, false) as Parsed;
}

function hasQuoteOrLineEnd(fields: readonly string[]): boolean {
  return fields.some((field) => field.includes('"') || field.includes('\n'));
}

/** Whether a field was quoted after blanks, or its text begins with a quote. */
function beginsWithQuote(field: string): boolean {
  return field.trimStart().startsWith('"');
}

function withoutPadding(line: string, delimiter: Delimiter): string {
  const blanks = `${BLANK[delimiter]}+`;
  return line
    .replace(new RegExp(`(^|${delimiter})${blanks}"`, 'g'), '$1"')
    .replace(new RegExp(`"${blanks}(${delimiter}|$)`, 'g'), '"$1');
}
