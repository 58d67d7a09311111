import { type Delimiter, fieldsOf } from './cut-lines.ts';
import { emptyFileError } from './file-content.ts';
import { ImportError } from './errors.ts';
import { shownValue } from './line-reject.ts';
import { type DateOrder, parseDate, parseInstant, yearLastParts } from './parse-instant.ts';
import type { NumberStyle } from './parse-number.ts';
import { type ColumnChoice, profileShape } from './column-choice.ts';
import {
  type FormatShape,
  HEADED_SHAPES,
  type HeadedShape,
  HEADLESS_SHAPES,
  type PriceFormatKind,
  type TargetColumn,
} from './format-shapes.ts';
import { dateOrderOf, numberStyleOf } from './reading-style.ts';

export type { PriceFormatKind } from './format-shapes.ts';

/** The operator's choices for the reading of a file. */
export interface ReadingChoices {
  /** Chosen columns, for a file of no known format; with them no format is recognised. */
  readonly columns?: ColumnChoice | undefined;
  readonly dateOrder?: DateOrder | undefined;
  readonly decimal?: '.' | ',' | undefined;
  /** Read the adjusted prices of a file that has them. */
  readonly adjusted?: boolean | undefined;
  /** For a file that has only closes: each day gets its close as open, high, low and close. */
  readonly closeOnly?: boolean | undefined;
}

/** How a file is read: its format, and what else follows from its first lines. */
export interface PriceFormat {
  readonly kind: PriceFormatKind;
  readonly label: string;
  readonly shape: FormatShape;
  readonly delimiter: Delimiter;
  /** Columns as the header spells them, blanks removed; `column 1` and so on for those without a name, or without a header. */
  readonly columns: readonly string[];
  /** Lines before the first row, blank ones included. */
  readonly linesBefore: number;
  /** Position of each column that is read. */
  readonly at: Readonly<Partial<Record<TargetColumn, number>>>;
  /** Columns that are not read. */
  readonly ignoredColumns: readonly string[];
  readonly dateOrder: DateOrder;
  readonly numbers: NumberStyle;
  readonly isAdjusted: boolean;
  readonly isCloseOnly: boolean;
}

const DELIMITERS: readonly Delimiter[] = [',', ';', '\t'];

/**
 * Recognises a price file by its first lines: by the names in its header (any order, any case, quoted or padded with
 * blanks), or by the shape of its rows where it has none.
 *
 * @param given the first lines of the file, blank ones included, without byte order mark
 * @param fileName for messages
 * @throws ImportError `IMPORT_UNKNOWN_FORMAT`, `IMPORT_AMBIGUOUS` (two formats, date orders or number styles fit),
 *   `IMPORT_NO_PRICES` (a file of closes alone), `IMPORT_BAD_OPTION` (a choice that the file does not offer),
 *   `IMPORT_EMPTY_FILE`
 */
export function recogniseFormat(given: readonly string[], fileName: string, choices: ReadingChoices = {}): PriceFormat {
  const firstAt = given.findIndex((line) => line.trim() !== '' && !isAddress(line));
  if (firstAt < 0) throw emptyFileError(fileName);
  const { lines, headerAt } = withOneHeader(given, firstAt);
  const found =
    choices.columns === undefined
      ? recognise(lines, headerAt, fileName)
      : chosen(lines, headerAt, fileName, choices.columns);
  const { shape, delimiter, columns, at, linesBefore } = found;
  const rows = sampleRows(lines.slice(linesBefore), delimiter, columns.length);
  assertOffered(shape, at, choices, fileName);
  const isCloseOnly = choices.closeOnly === true;
  const named = columns.map((column, position) => (column === '' ? placeOf(position) : column));
  const read = Object.entries(at).flatMap(([target, place]) =>
    target === 'adjusted' && choices.adjusted !== true ? [] : [place],
  );
  const first = { shape, at, columns: named, rows, delimiter, fileName };
  return {
    kind: shape.kind,
    label: shape.label,
    shape,
    delimiter,
    columns: named,
    linesBefore,
    at,
    ignoredColumns: named.filter((_, position) => !read.includes(position) && !found.skipped.includes(position)),
    dateOrder: dateOrderOf(first, choices.dateOrder),
    numbers: numberStyleOf(first, choices.decimal),
    isAdjusted: choices.adjusted === true,
    isCloseOnly,
  };
}

interface Recognised {
  readonly shape: FormatShape;
  readonly delimiter: Delimiter;
  readonly columns: readonly string[];
  readonly at: Readonly<Partial<Record<TargetColumn, number>>>;
  /** Positions of the columns that are ignored without a notice. */
  readonly skipped: readonly number[];
  readonly linesBefore: number;
}

function recognise(lines: readonly string[], headerAt: number, fileName: string): Recognised {
  const header = lines[headerAt];
  if (header.includes('\r')) throw unknownFormat(fileName, header);
  const found = [...headed(lines, headerAt, fileName), ...headless(lines, headerAt)];
  if (found.length > 1)
    throw severalFormats(
      fileName,
      found.map(({ shape }) => shape.label),
    );
  if (found.length === 1) return found[0];
  throw unknownFormat(fileName, header);
}

/** The formats whose columns are in the header, without those that yield to another one of them. */
function headed(lines: readonly string[], headerAt: number, fileName: string): Recognised[] {
  const header = lines[headerAt];
  for (const delimiter of DELIMITERS) {
    const columns = headerColumns(header, delimiter);
    const [firstRow = []] = sampleRows(lines.slice(headerAt + 1), delimiter, columns.length);
    const { names, shapes } = fittingShapes(columns.map(columnName), firstRow);
    if (shapes.length === 0) continue;
    return shapes.map((shape) => {
      const at = shape.locate(names, firstRow, fileName);
      const known = [
        ...shape.known,
        ...shape.silent,
        ...Object.values(at).map((position) => names[position as number]),
      ];
      const twice = known.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
      if (twice !== undefined) throw unknownFormat(fileName, header, `the column "${twice}" occurs twice`);
      const skipped = names.flatMap((name, position) => (shape.silent.includes(name) ? [position] : []));
      return { shape, delimiter, columns, at, skipped, linesBefore: headerAt + 1 };
    });
  }
  return [];
}

/** The formats that fit a header. If none does, a first column of dates without a name, as pandas writes its index, is `date`. */
function fittingShapes(names: readonly string[], firstRow: readonly string[]) {
  const shapes = shapesOf(names, firstRow);
  if (shapes.length > 0 || names[0] !== '' || !isDay(firstRow[0] ?? '')) return { names, shapes };
  const dated = names.with(0, 'date');
  return { names: dated, shapes: shapesOf(dated, firstRow) };
}

function shapesOf(names: readonly string[], firstRow: readonly string[]): HeadedShape[] {
  const fitting = HEADED_SHAPES.filter((shape) => shape.fits(names, firstRow));
  return fitting.filter((shape) => !fitting.some((other) => shape.yieldsTo.includes(other.kind)));
}

/** Whether a cell is a date, possibly with a time of day, which is checked when the rows are read. */
function isDay(cell: string): boolean {
  const day = parseDate(cell.trim(), 'dmy');
  return day === 'has_time_of_day' || (typeof day === 'number' && day === day) || yearLastParts(cell.trim()) !== null;
}

function headless(lines: readonly string[], firstAt: number): Recognised[] {
  for (const delimiter of DELIMITERS) {
    const width = fieldsOf(lines[firstAt], delimiter)?.length ?? 0;
    const rows = sampleRows(lines.slice(firstAt), delimiter, width);
    const shapes = HEADLESS_SHAPES.filter(
      (shape) => shape.width === width && rows.length > 0 && rows.every(shape.fits),
    );
    if (shapes.length === 0) continue;
    const columns = Array.from({ length: width }, (_, position) => placeOf(position));
    const skipped = columns.map((_, position) => position);
    return shapes.map((shape) => ({ shape, delimiter, columns, at: shape.at, skipped, linesBefore: firstAt }));
  }
  return [];
}

function chosen(lines: readonly string[], headerAt: number, fileName: string, choice: ColumnChoice): Recognised {
  const candidates = DELIMITERS.map((delimiter) => ({ delimiter, columns: headerColumns(lines[headerAt], delimiter) }));
  const { delimiter, columns } = candidates.sort((a, b) => b.columns.length - a.columns.length)[0];
  const { shape, at, hasHeader } = profileShape(choice, columns, fileName);
  return { shape, delimiter, columns, at, skipped: [], linesBefore: headerAt + (hasHeader ? 1 : 0) };
}

function assertOffered(
  shape: FormatShape,
  at: Readonly<Partial<Record<TargetColumn, number>>>,
  choices: ReadingChoices,
  fileName: string,
): void {
  const isCloseAlone = at.open === undefined;
  if (isCloseAlone && choices.closeOnly !== true) {
    throw new ImportError(
      'IMPORT_NO_PRICES',
      `${fileName} (${shape.label}) has no open, high and low, only one price a day`,
      {
        hint: 'Get a file with all four prices, or pass --close-only: each day then has its close as open, high, low and close.',
        context: { fileName },
      },
    );
  }
  if (!isCloseAlone && choices.closeOnly === true) {
    throw new ImportError(
      'IMPORT_BAD_OPTION',
      `${fileName} (${shape.label}) has open, high, low and close; --close-only would drop them`,
      {
        hint: 'Import it without --close-only.',
      },
    );
  }
  if (choices.adjusted === true && at.adjusted === undefined) {
    throw new ImportError('IMPORT_BAD_OPTION', `${fileName} (${shape.label}) has no adjusted close`, {
      hint: '--adjusted is for files with a column Adj Close, as Yahoo has; import this one without.',
    });
  }
}

/** yfinance writes three header lines: the columns, the ticker of each, and `Date` alone. One line takes their place here. */
function withOneHeader(lines: readonly string[], firstAt: number) {
  const [columns = '', tickers = '', date = ''] = lines.slice(firstAt, firstAt + 3);
  const isThree = /^Price,/.test(columns) && /^Ticker,/.test(tickers) && /^Date,*$/.test(date.trim());
  if (!isThree) return { lines, headerAt: firstAt };
  const headerAt = firstAt + 2;
  return { lines: lines.with(headerAt, columns.replace(/^Price/, 'Date')), headerAt };
}

/** The fields of those of the first lines that can be cut and have all columns. */
function sampleRows(lines: readonly string[], delimiter: Delimiter, width: number): string[][] {
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => fieldsOf(line, delimiter))
    .filter((fields): fields is string[] => fields !== null && fields.length === width);
}

/** Whether a line is nothing but a web address; files of CryptoDataDownload begin with one. */
function isAddress(line: string): boolean {
  return /^\ufeff?"?(?:https?:\/\/|www\.)[^\s,;"]+"?[,;]*\s*$/i.test(line);
}

/** The name that messages use for a column without a name. */
function placeOf(position: number): string {
  return `column ${position + 1}`;
}

function headerColumns(line: string, delimiter: Delimiter): string[] {
  return fieldsOf(line, delimiter) ?? line.split(delimiter).map((field) => field.trim());
}

/** A column name for comparison: lower case, without footnote stars, blanks as underscores. */
function columnName(column: string): string {
  return column.toLowerCase().replace(/\*+$/, '').trim().replace(/\s+/g, '_');
}

function severalFormats(fileName: string, labels: readonly string[]): ImportError {
  return new ImportError('IMPORT_AMBIGUOUS', `${fileName} can be read as ${labels.join(' and as ')}`, {
    hint: 'Say which columns are meant: --columns date=…,open=…,high=…,low=…,close=…,volume=…',
    context: { fileName, formats: labels },
  });
}

/** What the nearest format lacks, as text. */
function missingColumns(columns: readonly string[]): string {
  const names = columns.map(columnName);
  const [nearest] = HEADED_SHAPES.map(({ label, known }) => ({
    label,
    missing: known.filter((name) => !names.includes(name)),
    found: known.filter((name) => names.includes(name)).length,
  })).sort((a, b) => b.found - a.found || a.missing.length - b.missing.length);
  return nearest.found === 0
    ? 'none of them belongs to a known format'
    : `for the ${nearest.label} ${nearest.missing.join(', ')} ${nearest.missing.length === 1 ? 'is' : 'are'} missing`;
}

function unknownFormat(fileName: string, line: string, problem?: string): ImportError {
  if (/^\s*[[{]\s*($|["'[{])/.test(line)) {
    return new ImportError('IMPORT_UNKNOWN_FORMAT', `${fileName} looks like JSON; prices are read from CSV`, {
      hint: 'Write one line for each day, with a header: date,open,high,low,close,volume',
      context: { fileName },
    });
  }
  const columns = DELIMITERS.map((delimiter) => headerColumns(line, delimiter)).sort((a, b) => b.length - a.length)[0];
  const shown = columns.slice(0, 20).map((column) => `"${shownValue(column)}"`);
  if (columns.length > shown.length) shown.push(`and ${columns.length - shown.length} more`);
  const isRow = columns.length > 3 && typeof parseInstant(columns[0]) === 'number' && columns[0] !== '';
  const what = isRow ? 'has no header, and rows of no known shape' : 'has an unknown header';
  const formats = [...HEADED_SHAPES, ...HEADLESS_SHAPES].map(({ label, header }) => `  ${label}: ${header}`).join('\n');
  return new ImportError(
    'IMPORT_UNKNOWN_FORMAT',
    `${fileName} ${what}: found ${shown.join(', ')}; ${problem ?? missingColumns(columns)}. Known formats:\n${formats}`,
    { hint: headerHint(line), context: { fileName, columns: columns.slice(0, 100) } },
  );
}

function headerHint(line: string): string {
  if (line.includes('\r')) return 'The lines end in a bare carriage return; save the file with LF or CRLF line ends.';
  return 'Name the columns of any other file yourself: --columns date=Day,open=Open,high=High,low=Low,close=Last,volume=Volume';
}
