export { ExportError } from './errors.ts';
export { EXPORTABLE } from './exportable.ts';
export { exportTable } from './export-table.ts';
export { openWholeFile, writeWholeFile, type WholeFile } from './whole-file.ts';
