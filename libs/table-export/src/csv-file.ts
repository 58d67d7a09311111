import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { instantText, type ColumnTable, type CopyField } from '@ta/state-store';
import type { OpenTableFile } from './table-file.ts';

const DAY_MS = 86_400_000;

/** CSV as RFC 4180 has it: a header, NULL is empty, instants ISO-8601 UTC, numbers in their shortest exact form. */
export const openCsv: OpenTableFile = async (path, fields) => {
  const out = createWriteStream(path);
  await once(out, 'open');
  const write = async (text: string): Promise<void> => {
    if (!out.write(text)) await once(out, 'drain');
  };
  await write(`${fields.map(({ column }) => column).join(',')}\n`);
  return {
    async append(batch) {
      const cells = fields.map((field) => cellsOf(field, batch));
      let text = '';
      for (let row = 0; row < batch.length; row++) {
        text += `${cells.map((cell) => cell(row)).join(',')}\n`;
        if (text.length > 1_000_000) {
          await write(text);
          text = '';
        }
      }
      await write(text);
    },
    async finish() {
      out.end();
      await once(out, 'close');
    },
    async abandon() {
      out.destroy();
    },
  };
};

function cellsOf({ column, type }: CopyField, batch: ColumnTable): (row: number) => string {
  if (type === 'text' || type === 'enum' || type === 'jsonb') {
    const { codes, labels } = batch.codes(column);
    const quoted = labels.map((label) => (/[",\r\n]/.test(label) ? `"${label.replaceAll('"', '""')}"` : label));
    return (row) => (codes[row] < 0 ? '' : (quoted[codes[row]] as string));
  }
  const numbers = batch.number(column);
  const convert = converterOf(type);
  return (row) => (Number.isNaN(numbers[row]) ? '' : convert(numbers[row]));
}

function converterOf(type: CopyField['type']): (value: number) => string {
  if (type === 'timestamptz') return instantText;
  if (type === 'date') return (day) => new Date(day * DAY_MS).toISOString().slice(0, 10);
  return type === 'bool' ? (value) => (value === 1 ? 'true' : 'false') : String;
}
