import type { ColumnTable, CopyField } from '@ta/state-store';
import type { WholeFile } from './whole-file.ts';

/** The rows of a file: batches are appended, `end` adds what belongs after the last. The file itself is the caller's. */
export interface TableFile {
  append(batch: ColumnTable): Promise<void> | void;
  end(): Promise<void> | void;
}

/** Begins the rows of a file of one form. */
export type OpenTableFile = (file: Pick<WholeFile, 'write'>, fields: readonly CopyField[]) => TableFile;

/** Microseconds since 1970 of an instant in epoch ms. */
export function microseconds(epochMs: number): bigint {
  const whole = Math.floor(epochMs);
  return BigInt(whole) * 1000n + BigInt(Math.round((epochMs - whole) * 1000));
}
