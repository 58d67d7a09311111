import type { ColumnTable } from '../copy/column-table.ts';
import type { FieldData } from '../copy/field-data.ts';
import type { CopyLayout } from '../copy/layout.ts';

/*
 * If the stored numbers from which a computation continues were edited, the next rows would be wrong but look right. Therefore
 * `resume` begins with a seal of three numbers: a checksum of the row (all columns except the id and lists, plus the numbers of
 * `resume`), for code that reads the whole row; and copies of the newest processed daily row (epoch seconds) and of the last
 * revision, so that one query over all assets detects edits of these two.
 */

/** Number of values at the start of `resume` that form the seal. */
const SEAL_LENGTH = 3;

/** First value of a `resume` that was written before seals existed; such a state is trusted. */
const UNSEALED = 1;

/** The numbers of a stored `resume` after its seal. */
export const RESUME_SQL = `CASE WHEN resume[1] = ${UNSEALED} THEN resume ELSE resume[${SEAL_LENGTH + 1}:] END`;

/** The values of `resume` to store: for each row its seal, then its numbers. */
export function sealed(
  layout: CopyLayout,
  columns: Readonly<Record<string, FieldData>>,
  resumes: readonly Float64Array[],
): FieldData {
  const sealOf = sealer(layout, (name) => cellsOf(columns[name]));
  return {
    arrays: resumes.map((resume, i) => {
      const stored = new Float64Array(SEAL_LENGTH + resume.length);
      stored.set(sealOf(i, resume));
      stored.set(resume, SEAL_LENGTH);
      return stored;
    }),
  };
}

/** Additional properties of a state that is read completely. */
interface Unsealed {
  /** The numbers that continue the fold. */
  readonly resume: Float64Array;
  /** Whether the row was edited after it was written. */
  readonly isEdited: boolean;
}

/** Decoded states as objects, without their seals. @param properties the columns of the properties other than `resume` */
export function unsealed<State>(
  layout: CopyLayout,
  rows: ColumnTable,
  properties: Readonly<Record<keyof State, string>>,
): (State & Unsealed)[] {
  const types = new Map(layout.fields.map(({ column, type }) => [column, type]));
  const sealOf = sealer(layout, (name) => {
    const type = types.get(name);
    const cells = type === 'text' || type === 'enum' ? rows.text(name) : rows.number(name);
    return (i) => cells[i];
  });
  const resumes = rows.array('resume').map((stored) => stored ?? new Float64Array(0));
  return rows.objects<State>(properties).map((state, i) => {
    const stored = resumes[i];
    const resume = stored.subarray(SEAL_LENGTH);
    const differs = sealOf(i, resume).map((value, at) => !Object.is(value, stored[at]));
    // a first number of `UNSEALED` may be a checksum that was edited: then the second and third number still match the newest row
    // and the revision
    const isSealed = stored[0] !== UNSEALED || !(differs[1] || differs[2]);
    return isSealed
      ? { ...state, resume, isEdited: differs.includes(true) }
      : { ...state, resume: stored, isEdited: false };
  });
}

/**
 * SQL condition: whether the newest row or the revision of state `s` was edited after it was written. Other edits are not
 * detected.
 */
export function isEditedSql(layout: CopyLayout): string {
  const now = `(coalesce(date_part('epoch', s.${newestColumn(layout)}), 'NaN'), s.src_revision::float8)`;
  return `(s.resume[1] IS DISTINCT FROM ${UNSEALED} AND ${now} IS DISTINCT FROM (s.resume[2], s.resume[3]))`;
}

function newestColumn({ fields }: CopyLayout): string {
  return fields.some(({ column }) => column === 'last_ts') ? 'last_ts' : 'daily_max_seen';
}

/** The value of a row in a column. */
type Cells = (row: number) => number | string | null;

/** Creates a function that computes the seal of a row from the values of its columns. */
function sealer(
  layout: CopyLayout,
  cellsOfColumn: (name: string) => Cells,
): (row: number, resume: Float64Array) => [checksum: number, newest: number, revision: number] {
  const columns = sealedColumns(layout).map(({ column, type }) => ({ type, cells: cellsOfColumn(column) }));
  const [newest, revision] = [newestColumn(layout), 'src_revision'].map(cellsOfColumn);
  const sum = new Checksum();
  return (row, resume) => {
    sum.begin();
    for (const { type, cells } of columns) {
      const value = cells(row);
      if (typeof value === 'string') sum.addText(value);
      // rounded to microseconds, as the database stores instants
      else sum.add(type === 'timestamptz' ? Math.round((value ?? Number.NaN) * 1000) : (value ?? Number.NaN));
    }
    for (let i = 0; i < resume.length; i++) sum.add(resume[i]);
    const instant = Number(newest(row) ?? Number.NaN);
    return [sum.end(), Math.round(instant * 1000) / 1e6, Number(revision(row))];
  };
}

/** The columns that enter the checksum: all except the id and those that hold lists. */
function sealedColumns({ fields }: CopyLayout): CopyLayout['fields'] {
  return fields.filter(({ column, type }) => column !== 'id' && !type.endsWith('[]'));
}

function cellsOf(data: FieldData | undefined): Cells {
  if (data === undefined || 'codes' in data || 'arrays' in data || 'slices' in data) return () => null;
  if ('constant' in data) return () => data.constant;
  const values = 'numbers' in data ? data.numbers : data.strings;
  return (i) => values[i] ?? null;
}

/** A 52-bit hash of the bits of all numbers, with the mixing step of FNV-1a. */
class Checksum {
  private readonly number = new Float64Array(1);
  private readonly words = new Uint32Array(this.number.buffer);
  private high = 0;
  private low = 0;

  begin(): void {
    [this.high, this.low] = [0x811c9dc5, 0x9e3779b9];
  }

  add(value: number): void {
    // all NaNs count as equal, since their bits may differ
    this.number[0] = Number.isNaN(value) ? NaN : value;
    this.mix(this.words[0]);
    this.mix(this.words[1]);
  }

  /** Adds the code points of a text. */
  addText(text: string): void {
    for (let i = 0; i < text.length; i++) {
      const letter = text.codePointAt(i) as number;
      this.add(letter);
      if (letter > 0xffff) i++;
    }
  }

  end(): number {
    return (this.high >>> 0) * 2 ** 20 + (this.low >>> 12);
  }

  private mix(word: number): void {
    this.high = Math.imul(this.high ^ word, 0x01000193);
    this.low = Math.imul(this.low ^ word ^ (this.low >>> 15), 0x85ebca6b);
  }
}
