export type { RowChoice } from './batches.ts';
export { ExportError, type ExportErrorCode } from './errors.ts';
export { EXPORTABLE } from './exportable.ts';
export { exportTable, type ExportProgress, type ExportRequest } from './export-table.ts';
export { EXPORT_FORMATS, type ExportFormat } from './table-file.ts';
export { openWholeFile, writeWholeFile, type WholeFile } from './whole-file.ts';
