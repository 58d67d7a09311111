import { ImportError } from './errors.ts';
import { shownValue } from './line-reject.ts';
import { splitLine } from './split-line.ts';

/** The two kinds of file that are recognised. */
export type PriceFormatKind = 'cmc-export' | 'research-set';

/** Columns of a known file kind, in lower case. */
interface FormatColumns {
  kind: PriceFormatKind;
  label: string;
  header: string;
  required: readonly string[];
  optional: readonly string[];
}

const FORMATS: readonly FormatColumns[] = [
  {
    kind: 'cmc-export',
    label: 'CoinMarketCap export',
    header:
      'timeOpen,timeClose,timeHigh,timeLow,name,open,high,low,close,volume,marketCap[,circulatingSupply],timestamp',
    required: [
      'timeopen',
      'timeclose',
      'timehigh',
      'timelow',
      'name',
      'open',
      'high',
      'low',
      'close',
      'volume',
      'marketcap',
      'timestamp',
    ],
    optional: ['circulatingsupply'],
  },
  {
    kind: 'research-set',
    label: 'research set',
    header: 'SNo,Name,Symbol,Date,High,Low,Open,Close,Volume,Marketcap',
    required: ['name', 'symbol', 'date', 'high', 'low', 'open', 'close', 'volume', 'marketcap'],
    optional: ['sno'],
  },
];

/** A recognised header. */
export interface PriceFormat {
  kind: PriceFormatKind;
  /** `CoinMarketCap export` or `research set`. */
  label: string;
  delimiter: ',' | ';';
  /** Columns as the header spells them, blanks removed. */
  columns: readonly string[];
  /** Position of a known column by its lower-case name; -1 when the optional column is absent. */
  indexOf(column: string): number;
  /** Columns that are not part of the format and are not read. */
  ignoredColumns: readonly string[];
}

/**
 * Recognises the header line of a price file; columns may be in any order, any case, quoted or padded with blanks, and
 * separated by commas or semicolons.
 *
 * @param line the header without its line end and byte order mark
 * @param fileName for the message
 * @throws ImportError `IMPORT_UNKNOWN_FORMAT`, listing what was found, what is missing, and the known formats
 */
export function recogniseFormat(line: string, fileName: string): PriceFormat {
  for (const delimiter of [',', ';'] as const) {
    const columns = headerColumns(line, delimiter);
    const names = columns.map((column) => column.toLowerCase());
    const format = FORMATS.find(({ required }) => required.every((column) => names.includes(column)));
    if (format === undefined) continue;
    const known = [...format.required, ...format.optional];
    const twice = known.find((column) => names.indexOf(column) !== names.lastIndexOf(column));
    if (twice !== undefined) throw unknownFormat(fileName, columns, `the column "${twice}" occurs twice`, line);
    return {
      kind: format.kind,
      label: format.label,
      delimiter,
      columns,
      indexOf: (column) => names.indexOf(column),
      ignoredColumns: columns.filter((_, at) => !known.includes(names[at])),
    };
  }
  const columns = [',', ';', '\t'].map((delimiter) => headerColumns(line, delimiter)).sort(byLengthDescending)[0];
  throw unknownFormat(fileName, columns, missingColumns(columns), line);
}

function headerColumns(line: string, delimiter: string): string[] {
  const fields = splitLine(line, delimiter);
  return typeof fields === 'string' ? line.split(delimiter).map((field) => field.trim()) : fields;
}

/** What the nearest format lacks, as text. */
function missingColumns(columns: readonly string[]): string {
  const names = columns.map((column) => column.toLowerCase());
  const [nearest] = FORMATS.map(({ label, required }) => ({
    label,
    missing: required.filter((column) => !names.includes(column)),
    found: required.filter((column) => names.includes(column)).length,
  })).sort((a, b) => b.found - a.found);
  return nearest.found === 0
    ? 'none of them belongs to a known format'
    : `for the ${nearest.label} ${nearest.missing.join(', ')} ${nearest.missing.length === 1 ? 'is' : 'are'} missing`;
}

function unknownFormat(fileName: string, columns: readonly string[], problem: string, line: string): ImportError {
  const shown = columns.slice(0, 20).map((column) => `"${shownValue(column)}"`);
  if (columns.length > shown.length) shown.push(`and ${columns.length - shown.length} more`);
  const formats = FORMATS.map(({ label, header }) => `  ${label}: ${header}`).join('\n');
  return new ImportError(
    'IMPORT_UNKNOWN_FORMAT',
    `${fileName} has an unknown header: found ${shown.join(', ')}; ${problem}. Known formats:\n${formats}`,
    {
      hint: headerHint(line),
      context: { fileName, columns: columns.slice(0, 100) },
    },
  );
}

function headerHint(line: string): string {
  if (line.includes('\r')) return 'The lines end in a bare carriage return; save the file with LF or CRLF line ends.';
  if (line.includes('\t')) return 'The separator seems to be a tab; save the file with commas or semicolons.';
  return 'The first line must name the columns, separated by commas or semicolons; their order does not matter.';
}

function byLengthDescending(a: readonly unknown[], b: readonly unknown[]): number {
  return b.length - a.length;
}
