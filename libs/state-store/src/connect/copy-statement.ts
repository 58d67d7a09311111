import { StoreError } from '../errors.ts';

const IN_STATEMENT = /^\s*COPY\s[\s\S]*\sFROM\s+STDIN\b[\s\S]*\bbinary\b/i;
const OUT_STATEMENT = /^\s*COPY\b[\s\S]*\sTO\s+STDOUT\b/i;
const BINARY_OUT = /\sTO\s+STDOUT\s+(WITH\s*)?\(\s*FORMAT\s+binary\s*\)\s*$/i;

/** @throws StoreError `STORE_QUERY` unless the statement is a binary COPY FROM STDIN */
export function assertCopyIn(sql: string): void {
  if (!IN_STATEMENT.test(sql)) throw notCopy('copyIn', 'COPY … FROM STDIN WITH (FORMAT binary)', sql);
}

/** @throws StoreError `STORE_QUERY` unless the statement is a COPY TO STDOUT */
export function assertCopyOut(sql: string): void {
  if (!OUT_STATEMENT.test(sql)) throw notCopy('copyOut', 'COPY … TO STDOUT', sql);
}

/** Whether a COPY TO STDOUT is in the form that this library writes, with the option binary and no others. */
export function isBinaryCopyOut(sql: string): boolean {
  return BINARY_OUT.test(sql);
}

function notCopy(name: string, expected: string, sql: string): StoreError {
  return new StoreError('STORE_QUERY', `${name} expects ${expected}.`, { context: { statement: sql.slice(0, 400) } });
}
