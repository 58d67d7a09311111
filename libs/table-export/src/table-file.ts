import type { ColumnTable, CopyField } from '@ta/state-store';
import type { WholeFile } from './whole-file.ts';

/** The rows of a file: `append` adds a batch, `end` what belongs after the last one. The caller finishes the file itself. */
export interface TableFile {
  append(batch: ColumnTable): Promise<void> | void;
  end(): Promise<void> | void;
}

/** Begins a file in one format. */
export type OpenTableFile = (file: Pick<WholeFile, 'write'>, fields: readonly CopyField[]) => TableFile;

/** Microseconds since 1970 of an instant in epoch ms. */
export function microseconds(epochMs: number): bigint {
  const whole = Math.floor(epochMs);
  return BigInt(whole) * 1000n + BigInt(Math.round((epochMs - whole) * 1000));
}
