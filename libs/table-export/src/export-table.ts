import type { ColumnTable, Database } from '@ta/state-store';
import type { RowChoice } from './row-choice.ts';
import { exportableTable } from './exportable.ts';
import { rowGroups } from './row-groups.ts';
import type { ExportFormat } from './formats.ts';
import type { OpenTableFile } from './table-file.ts';
import { openWholeFile } from './whole-file.ts';

/** What is exported, and where to. */
export interface ExportRequest extends RowChoice {
  readonly table: string;
  readonly format: ExportFormat;
  readonly file: string;
}

/** Called after each group of rows that is written, with the number of rows so far and the group. */
export type ExportProgress = (rows: number, group: ColumnTable) => void;

/** The library of a format is loaded only when it is needed. */
const OPENERS: Readonly<Record<ExportFormat, () => Promise<OpenTableFile>>> = {
  parquet: async () => (await import('./parquet-file.ts')).openParquet,
  csv: async () => (await import('./csv-file.ts')).openCsv,
  arrow: async () => (await import('./arrow-file.ts')).openArrow,
};

/**
 * Writes rows of one table into a file, in key order, all of them as of one instant. The file appears under its name only when
 * it is complete; a failure leaves no file.
 * @returns rows written
 * @throws ExportError `EXPORT_UNKNOWN_TABLE`, `EXPORT_FILE`; StoreError
 */
export async function exportTable(
  database: Database,
  request: ExportRequest,
  progress: ExportProgress = () => undefined,
): Promise<number> {
  const facts = exportableTable(request.table);
  const open = await OPENERS[request.format]();
  const file = openWholeFile(request.file);
  try {
    const table = open(file, facts.layout.fields);
    const rows = await database.transaction(
      async (tx) => {
        let count = 0;
        for await (const batch of rowGroups(facts.read(tx, request), facts.layout.fields)) {
          await table.append(batch);
          count += batch.length;
          progress(count, batch);
        }
        return count;
      },
      { readOnly: true, isolation: 'repeatable read' },
    );
    await table.end();
    file.finish();
    return rows;
  } finally {
    file.abandon();
  }
}
