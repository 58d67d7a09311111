import { instantText, type ColumnTable, type CopyField } from '@ta/state-store';
import Papa from 'papaparse';
import { DAY_MS } from './day-stretches.ts';
import type { OpenTableFile } from './table-file.ts';

/** Lines that are converted to text at a time. */
const LINES_TOGETHER = 5_000;
const FORM = { newline: '\n', header: false } as const;

/**
 * CSV after RFC 4180, but with `\n`: a header, NULL is empty, instants ISO-8601 UTC, numbers in their shortest exact form.
 * A float always has a point or an exponent: readers guess the type of a column from its first lines, and one that begins
 * with whole numbers would be read as integers, the rest rounded.
 */
export const openCsv: OpenTableFile = (file, fields) => {
  const write = (lines: readonly (readonly (string | null)[])[]) =>
    file.write(`${Papa.unparse(lines as unknown[][], FORM)}\n`);
  write([fields.map(({ column }) => column)]);
  return {
    append(batch) {
      const cells = fields.map((field) => cellsOf(field, batch));
      for (let from = 0; from < batch.length; from += LINES_TOGETHER) {
        const length = Math.min(LINES_TOGETHER, batch.length - from);
        write(Array.from({ length }, (_, row) => cells.map((cell) => cell(from + row))));
      }
    },
    end: () => undefined,
  };
};

function cellsOf({ column, type }: CopyField, batch: ColumnTable): (row: number) => string | null {
  if (type === 'text' || type === 'enum' || type === 'jsonb') {
    const { codes, labels } = batch.codes(column);
    return (row) => (codes[row] < 0 ? null : labels[codes[row]]);
  }
  const numbers = batch.number(column);
  const convert = converterOf(type);
  return (row) => (Number.isNaN(numbers[row]) ? null : convert(numbers[row]));
}

function converterOf(type: CopyField['type']): (value: number) => string {
  if (type === 'timestamptz') return instantText;
  if (type === 'float8') return floatText;
  if (type === 'date') return (day) => new Date(day * DAY_MS).toISOString().slice(0, 10);
  return type === 'bool' ? (value) => (value === 1 ? 'true' : 'false') : String;
}

function floatText(value: number): string {
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /^-?[0-9]+$/.test(text) ? `${text}.0` : text;
}
