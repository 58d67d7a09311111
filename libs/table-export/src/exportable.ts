import { BAR_TABLES, DAILY_BARS, EMA_TABLES, type KeyedTable } from '@ta/state-store';
import { ExportError } from './errors.ts';

/** Tables that can be exported, by name. */
export const EXPORTABLE: ReadonlyMap<string, KeyedTable> = new Map(
  [DAILY_BARS, ...Object.values(BAR_TABLES), ...Object.values(EMA_TABLES)].map((facts) => [facts.table, facts]),
);

/** A table by name. @throws ExportError `EXPORT_UNKNOWN_TABLE` */
export function exportableTable(name: string): KeyedTable {
  const found = EXPORTABLE.get(name);
  if (found !== undefined) return found;
  throw new ExportError('EXPORT_UNKNOWN_TABLE', `There is no table "${name}" to export`, {
    hint: `Tables: ${[...EXPORTABLE.keys()].join(', ')}. A view: ta sql --format csv "SELECT …" > FILE`,
  });
}
