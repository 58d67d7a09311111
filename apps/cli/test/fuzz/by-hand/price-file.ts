import { cellByHand, closeByHand } from './calendar.ts';

/** What a reading of a price file by hand finds: every line is a row, a repetition, or refused. */
export interface HandReading {
  /** Rows in the order of the file: instants in milliseconds, then numbers; NaN is not known. */
  readonly rows: readonly (readonly number[])[];
  readonly repeated: number;
  readonly refused: number;
}

const CMC = ['timestamp', 'timeopen', 'timeclose', 'timehigh', 'timelow'];
const NUMBERS = ['open', 'high', 'low', 'close', 'volume', 'marketcap', 'circulatingsupply'];
const REQUIRED = {
  cmc: [...CMC, ...NUMBERS.slice(0, 6)],
  research: ['name', 'symbol', 'date', 'high', 'low', 'open', 'close', 'volume', 'marketcap'],
};
const KNOWN = [...CMC, ...NUMBERS, 'name', 'symbol', 'date', 'sno'];
const LONGEST = 65_536;

/** Reads a file letter by letter, with nothing of the product; null when its first line is no header. */
export function readByHand(bytes: Uint8Array): HandReading | null {
  const lines = new TextDecoder()
    .decode(bytes)
    .split('\n')
    .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  const filled = lines.filter((line) => line.trim() !== '');
  const header = headerOf(filled[0] ?? '');
  if (header === null) return null;
  const rows: number[][] = [];
  const seen = new Map<number, number[]>();
  let [name, repeated, refused] = ['', 0, 0];
  const hasComma = hasDecimalComma(header, filled.slice(1));
  for (const line of filled.slice(1)) {
    const cells = line.length > LONGEST || line.includes('\ufffd') ? null : fieldsOf(line, header.delimiter);
    const row = cells?.length === header.names.length ? rowOf(header, cells, name, hasComma) : null;
    if (row === null) refused++;
    else if (seen.has(row[0] as number)) {
      const isSame = (seen.get(row[0] as number) as number[]).every(
        (cell, i) => cell === row[i] || (Number.isNaN(cell) === Number.isNaN(row[i]) && Number.isNaN(cell)),
      );
      if (isSame) repeated++;
      else refused++;
    } else {
      seen.set(row[0] as number, row);
      rows.push(row);
      name ||= cells?.[header.names.indexOf('name')] as string;
    }
  }
  return { rows, repeated, refused };
}

interface Header {
  readonly kind: 'cmc' | 'research';
  readonly names: readonly string[];
  readonly delimiter: string;
}

function headerOf(line: string): Header | null {
  for (const delimiter of [',', ';', '\t']) {
    const names = (fieldsOf(line, delimiter) ?? line.split(delimiter).map((part) => part.trim())).map((part) =>
      part.toLowerCase(),
    );
    const kind = (['cmc', 'research'] as const).find((one) => REQUIRED[one].every((column) => names.includes(column)));
    if (kind === undefined) continue;
    const own = kind === 'cmc' ? [...REQUIRED.cmc, 'name', 'circulatingsupply'] : [...REQUIRED.research, 'sno'];
    if (own.some((column) => names.filter((other) => other === column).length > 1)) return null;
    return { kind, names, delimiter };
  }
  return null;
}

/** Fields of one line, blanks around them gone; null for broken quoting. */
function fieldsOf(line: string, delimiter: string): string[] | null {
  const fields: string[] = [];
  for (let at = 0; ;) {
    let end = at;
    while (end < line.length && line[end] !== delimiter && (line[end] as string).trim() === '') end++;
    let field = '';
    if (line[end] === '"') {
      for (end++; line[end] !== '"' || line[end + 1] === '"'; end++) {
        if (end >= line.length) return null;
        if (line[end] === '"') end++;
        field += line[end];
      }
      for (end++; end < line.length && line[end] !== delimiter; end++)
        if ((line[end] as string).trim() !== '') return null;
    } else {
      for (; end < line.length && line[end] !== delimiter; end++) {
        if (line[end] === '"') return null;
        field += line[end];
      }
    }
    fields.push(field.trim());
    if (end >= line.length) return fields;
    at = end + 1;
  }
}

/** Whether the numbers of a file have a decimal comma: none of them has a point, and one has a comma. */
function hasDecimalComma(header: Header, lines: readonly string[]): boolean {
  const rows = lines
    .map((line) => fieldsOf(line, header.delimiter))
    .filter((row) => row?.length === header.names.length);
  const numbers = rows.flatMap((row) => NUMBERS.map((column) => row?.[header.names.indexOf(column)] ?? ''));
  return (
    !numbers.some((cell) => cell.includes('.')) && numbers.some((cell) => /^-?\d+,\d+(?:[eE][+-]?\d+)?$/.test(cell))
  );
}

function rowOf(header: Header, cells: readonly string[], name: string, hasComma: boolean): number[] | null {
  const cell = (column: string) => cells[header.names.indexOf(column)] ?? '';
  const own = cell('name');
  if (own !== name || own === '') {
    if (own === '' && header.kind === 'research') return null;
    if (own !== '' && (!isName(own) || name !== '')) return null;
  }
  const instants = header.kind === 'cmc' ? CMC.map((column) => instantMs(cell(column))) : closeOf(cell('date'));
  if (instants === null || instants.includes(null) || Number.isNaN(instants[0])) return null;
  const numbers = NUMBERS.map((column) => numberOf(hasComma ? pointed(cell(column)) : cell(column)));
  if (numbers.includes(null)) return null;
  return [...(instants as number[]), ...(numbers as number[])];
}

function isName(text: string): boolean {
  return (
    text.length <= 200 &&
    [...text].every(
      (c) => c > '\u001f' && !(c >= '\u007f' && c <= '\u009f') && !(c.length === 1 && c >= '\ud800' && c <= '\udfff'),
    )
  );
}

function instantMs(cell: string): number | null {
  if (cell === '') return Number.NaN;
  const micros = cellByHand(cell);
  return micros === null ? null : Number(micros) / 1000;
}

/** Close, open and close of a day; its extremes are a convention that is not looked at here. */
function closeOf(cell: string): (number | null)[] | null {
  const micros = closeByHand(cell);
  if (micros === null) return null;
  const open = Number(micros / 1000n);
  return [open + 86_399_999, open, open + 86_399_999];
}

/** A number with a decimal comma as one with a point; one with a point already is none. */
function pointed(cell: string): string {
  return cell.includes('.') ? 'none' : cell.replace(',', '.');
}

/** A plain decimal number: sign, digits, point, digits, exponent; NaN for an empty cell, null for anything else. */
function numberOf(cell: string): number | null {
  if (cell === '') return Number.NaN;
  const unsigned = cell.startsWith('-') ? cell.slice(1) : cell;
  const [mantissa, exponent, ...more] = unsigned.split(/[eE]/);
  const digits = (text: string) => text !== '' && [...text].every((c) => c >= '0' && c <= '9');
  const [whole = '', fraction, ...rest] = (mantissa as string).split('.');
  const isMantissa = (whole === '' || digits(whole)) && (fraction === undefined || fraction === '' || digits(fraction));
  if (rest.length > 0 || more.length > 0 || !isMantissa || whole + (fraction ?? '') === '') return null;
  if (exponent !== undefined && !digits(/^[+-]/.test(exponent) ? exponent.slice(1) : exponent)) return null;
  const value = Number(cell);
  if (!Number.isFinite(value)) return null;
  return value === 0 && /[1-9]/.test(mantissa as string) ? null : value;
}

/** Whether a column belongs to one of the formats. */
export function isKnownColumn(name: string): boolean {
  return KNOWN.includes(name.toLowerCase());
}
