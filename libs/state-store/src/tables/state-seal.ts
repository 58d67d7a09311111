import type { ColumnTable } from '../copy/column-table.ts';
import type { FieldData } from '../copy/field-data.ts';
import type { CopyLayout } from '../copy/layout.ts';

/*
 * A fold that goes on from numbers which a hand has changed writes wrong rows that look right. Hence the numbers that continue
 * a fold stand in `resume` behind a seal of three: a checksum of the whole row, for whoever reads all of it, and the newest daily
 * row taken in (epoch seconds) and the last revision, so that one query over all assets sees a change of either.
 */

/** How many numbers of a stored `resume` are its seal. */
const SEAL_LENGTH = 3;

/** What stands first where a state was written before there were seals: such a state is trusted. */
const UNSEALED = 1;

/** The numbers that continue a fold, of a stored state. */
export const RESUME_SQL = `CASE WHEN resume[1] = ${UNSEALED} THEN resume ELSE resume[${SEAL_LENGTH + 1}:] END`;

/** The numbers that continue the folds, each behind the seal of its row. */
export function sealed(
  layout: CopyLayout,
  columns: Readonly<Record<string, FieldData>>,
  resumes: readonly Float64Array[],
): FieldData {
  return {
    arrays: resumes.map((resume, i) => {
      const stored = new Float64Array(SEAL_LENGTH + resume.length);
      stored.set(sealOf(layout, (name) => cell(columns[name], i), resume));
      stored.set(resume, SEAL_LENGTH);
      return stored;
    }),
  };
}

/** Takes the seals off: the numbers that continue each fold, and whether its row is another one than was written. */
export function unsealed(layout: CopyLayout, rows: ColumnTable): { resume: Float64Array; isEdited: boolean }[] {
  const columns = new Map(
    sealedColumns(layout).map(({ column, type }) => [
      column,
      type === 'text' || type === 'enum' ? rows.text(column) : rows.number(column),
    ]),
  );
  return (rows.array('resume') as Float64Array[]).map((stored, i) => {
    if (stored[0] === UNSEALED) return { resume: stored, isEdited: false };
    const resume = stored.subarray(SEAL_LENGTH);
    const seal = sealOf(layout, (name) => columns.get(name)?.[i] ?? null, resume);
    return { resume, isEdited: seal.some((value, at) => !Object.is(value, stored[at])) };
  });
}

/** Whether the newest row or the revision of state `s` is another one than was written: not all that may have been changed. */
export function isEditedSql(layout: CopyLayout): string {
  const now = `(coalesce(date_part('epoch', s.${newestColumn(layout)}), 'NaN'), s.src_revision::float8)`;
  return `(s.resume[1] IS DISTINCT FROM ${UNSEALED} AND ${now} IS DISTINCT FROM (s.resume[2], s.resume[3]))`;
}

function newestColumn({ fields }: CopyLayout): string {
  return fields.some(({ column }) => column === 'last_ts') ? 'last_ts' : 'daily_max_seen';
}

function sealOf(
  layout: CopyLayout,
  valueOf: (column: string) => number | string | null,
  resume: Float64Array,
): [checksum: number, newest: number, revision: number] {
  const instant = Number(valueOf(newestColumn(layout)) ?? Number.NaN);
  const values = sealedColumns(layout).flatMap(({ column, type }) => {
    const value = valueOf(column);
    if (typeof value === 'string') return Array.from(value, (letter) => letter.codePointAt(0) as number);
    // as a stored instant is read again
    return [type === 'timestamptz' ? Math.round((value ?? Number.NaN) * 1000) : (value ?? Number.NaN)];
  });
  const revision = Number(valueOf('src_revision'));
  return [checksum([...values, ...resume]), Math.round(instant * 1000) / 1e6, revision];
}

/** Every column that holds one value and says something of the asset. */
function sealedColumns({ fields }: CopyLayout): CopyLayout['fields'] {
  return fields.filter(({ column, type }) => column !== 'id' && !type.endsWith('[]'));
}

function cell(data: FieldData | undefined, i: number): number | string | null {
  if (data === undefined || 'codes' in data || 'arrays' in data) return null;
  if ('constant' in data) return data.constant;
  return ('numbers' in data ? data.numbers : data.strings)[i] ?? null;
}

/** 52 bits of the bits of all numbers, by the mixing step of FNV-1a: another bit anywhere gives another number. */
function checksum(numbers: readonly number[]): number {
  // one NaN is as good as another, but has not the same bits everywhere
  const bits = new Uint32Array(Float64Array.from(numbers, (value) => (Number.isNaN(value) ? NaN : value)).buffer);
  let [high, low] = [0x811c9dc5, 0x9e3779b9];
  for (const word of bits) {
    high = Math.imul(high ^ word, 0x01000193);
    low = Math.imul(low ^ word ^ (low >>> 15), 0x85ebca6b);
  }
  return (high >>> 0) * 2 ** 20 + (low >>> 12);
}
