import type { ColumnTable, CopyField } from '@ta/state-store';

/** The forms of a file. */
export const EXPORT_FORMATS = ['parquet', 'csv', 'arrow'] as const;
/** A form of a file. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** A file under way: batches are appended, `finish` makes it whole. */
export interface TableFile {
  append(batch: ColumnTable): Promise<void>;
  finish(): Promise<void>;
  /** Stops after a failure; what is written so far is left to the caller. */
  abandon(): Promise<void>;
}

/** Opens a file of one form. */
export type OpenTableFile = (path: string, fields: readonly CopyField[]) => Promise<TableFile>;

/** Microseconds since 1970 of an instant in epoch ms. */
export function microseconds(epochMs: number): bigint {
  const whole = Math.floor(epochMs);
  return BigInt(whole) * 1000n + BigInt(Math.round((epochMs - whole) * 1000));
}
