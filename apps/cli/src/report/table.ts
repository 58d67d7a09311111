import Table from 'cli-table3';
import type { Argv } from '@ta/cli-kit';

/** How a list of rows is shown. */
export type TableFormat = 'table' | 'json' | 'csv';

/** The flag `--format` of every command that prints rows. */
export function formatOption(yargs: Argv): Argv {
  return yargs.option('format', {
    choices: ['table', 'json', 'csv'] as const,
    default: 'table',
    describe: 'Form of the result',
  });
}

/**
 * Shows rows of one query. Instants are ISO-8601 UTC; NULL is empty (null in JSON); text is quoted in CSV where needed.
 */
export function tableText(rows: readonly Record<string, unknown>[], format: TableFormat): string {
  if (format === 'json') return JSON.stringify(rows.map(plain), null, 2);
  const columns = Object.keys(rows[0] ?? {});
  if (format === 'csv') {
    return [columns, ...rows.map((row) => columns.map((column) => cellText(row[column])))]
      .map((cells) => cells.map(csvCell).join(','))
      .join('\n');
  }
  const count = `(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})`;
  if (rows.length === 0) return count;
  const table = new Table({ head: columns, style: { head: [], border: [], compact: true }, chars: PLAIN });
  for (const row of rows) table.push(columns.map((column) => cellText(row[column])));
  return `${table.toString()}\n${count}`;
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
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function plain(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]),
  );
}

function csvCell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
