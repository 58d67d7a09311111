import Table from 'cli-table3';
import { flag, type Argv, type FlagsOf } from '@ta/cli-kit';
import type { ResultTable } from '@ta/state-store';

/** The formats in which rows are shown. */
export type TableFormat = FlagsOf<typeof formatOption>['format'];

/** The flag `--format` of every command that prints rows. */
export function formatOption<T>(yargs: Argv<T>) {
  return yargs.options({
    format: flag.oneOf(['table', 'json', 'csv'], 'Output format of the result', { default: 'table' }),
  });
}

/**
 * Shows rows of one query. Instants are ISO-8601 UTC; NULL is empty (null in JSON); text is quoted in CSV where needed.
 */
export function tableText(rows: readonly Record<string, unknown>[], format: TableFormat): string {
  const columns = Object.keys(rows[0] ?? {});
  return resultText({ columns, rows: rows.map((row) => columns.map((column) => row[column])) }, format);
}

/**
 * Shows the result of a statement like {@link tableText}. Columns with the same name are all shown; in JSON, where a name
 * can occur only once, the second `count` becomes `count_2`. NaN and infinity, which JSON lacks, become text.
 */
export function resultText({ columns, rows }: ResultTable, format: TableFormat): string {
  if (format === 'json') {
    const names = distinctNames(columns);
    return JSON.stringify(
      rows.map((row) => Object.fromEntries(row.map((value, i) => [names[i], plain(value)]))),
      null,
      2,
    );
  }
  const cells = rows.map((row) => row.map(cellText));
  if (format === 'csv') return [columns, ...cells].map((line) => line.map(csvCell).join(',')).join('\n');
  const count = `(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})`;
  if (rows.length === 0) return count;
  const table = new Table({ head: [...columns], style: { head: [], border: [], compact: true }, chars: PLAIN });
  table.push(...cells);
  return `${table.toString()}\n${count}`;
}

function distinctNames(columns: readonly string[]): string[] {
  const given = new Set(columns);
  const used = new Set<string>();
  return columns.map((column) => {
    let name = column;
    for (let n = 2; used.has(name) || (n > 2 && given.has(name)); n++) name = `${column}_${n}`;
    used.add(name);
    return name;
  });
}

/** The rows as a Markdown table; `|` in text is escaped. */
export function markdownTable(rows: readonly Record<string, unknown>[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const body = rows.map((row) => line(columns.map((column) => cellText(row[column]))));
  return rows.length === 0 ? '(0 rows)' : [line(columns), line(columns.map(() => '---')), ...body].join('\n');
}

/** ASCII lines: the output also ends in log files and mails. */
const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' | ',
};

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return hexText(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return hexText(value);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

/** A bytea as PostgreSQL writes it: `\x00ff`. */
function hexText(bytes: Uint8Array): string {
  return `\\x${Buffer.from(bytes).toString('hex')}`;
}

function csvCell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
