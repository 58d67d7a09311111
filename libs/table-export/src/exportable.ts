import {
  BAR_TABLES,
  CLOSED_EMAS,
  CLOSED_EMAS_KEY,
  DAILY_BARS,
  EMA_TABLES,
  type ColumnTable,
  type CopyLayout,
  type KeyedTable,
  type Session,
} from '@ta/state-store';
import { readBatches } from './batches.ts';
import { readClosedEmaBatches } from './closed-emas.ts';
import { ExportError } from './errors.ts';
import type { RowChoice } from './row-choice.ts';

/** A table or view that can be exported. */
export interface Exportable {
  readonly layout: CopyLayout;
  /** The columns that order its rows. */
  readonly key: readonly string[];
  /** Its rows in the order of the key, in batches that fit into memory. */
  read(session: Session, choice: RowChoice): AsyncGenerator<ColumnTable, void, undefined>;
}

/** The tables and the view that can be exported, by name. */
export const EXPORTABLE: ReadonlyMap<string, Exportable> = new Map([
  ...[DAILY_BARS, ...Object.values(BAR_TABLES), ...Object.values(EMA_TABLES)].map(
    (facts) => [facts.table, exportableOf(facts)] as const,
  ),
  [CLOSED_EMAS.table, { layout: CLOSED_EMAS, key: CLOSED_EMAS_KEY, read: readClosedEmaBatches }],
]);

function exportableOf(facts: KeyedTable): Exportable {
  const { layout, timeColumn, hasTimeframes } = facts;
  const key = ['id', timeColumn, ...(hasTimeframes ? ['tf'] : []), ...(timeColumn === 'ts' ? ['period'] : [])];
  return { layout, key, read: (session, choice) => readBatches(session, facts, choice) };
}

/** A table by name. @throws ExportError `EXPORT_UNKNOWN_TABLE` */
export function exportableTable(name: string): Exportable {
  const found = EXPORTABLE.get(name);
  if (found !== undefined) return found;
  throw new ExportError('EXPORT_UNKNOWN_TABLE', `There is no table "${name}" to export`, {
    hint: `Tables: ${[...EXPORTABLE.keys()].join(', ')}. Another view: ta sql --format csv "SELECT …" > FILE`,
  });
}
