import { ColumnTable, type CopyField } from '@ta/state-store';

/** Rows of a row group of Parquet and of a record batch of Arrow: readers take far longer over many small ones. */
const ROWS_PER_GROUP = 100_000;

/** A range of rows of a batch. */
interface Piece {
  readonly batch: ColumnTable;
  readonly from: number;
  readonly until: number;
}

/** The same rows in the same order, `rowsPerGroup` at a time; only the last group may have fewer. */
export async function* rowGroups(
  batches: AsyncIterable<ColumnTable>,
  fields: readonly CopyField[],
  rowsPerGroup = ROWS_PER_GROUP,
): AsyncGenerator<ColumnTable, void, undefined> {
  let pieces: Piece[] = [];
  let rows = 0;
  for await (const batch of batches) {
    let from = 0;
    while (from < batch.length) {
      const until = Math.min(batch.length, from + rowsPerGroup - rows);
      pieces.push({ batch, from, until });
      rows += until - from;
      from = until;
      if (rows < rowsPerGroup) continue;
      yield joined(pieces, fields, rows);
      pieces = [];
      rows = 0;
    }
  }
  if (rows > 0) yield joined(pieces, fields, rows);
}

function joined(pieces: readonly Piece[], fields: readonly CopyField[], rows: number): ColumnTable {
  const [first] = pieces;
  if (pieces.length === 1 && rows === first.batch.length) return first.batch;
  return new ColumnTable(
    rows,
    new Map(
      fields.map((field) => [
        field.column,
        field.type === 'text' || field.type === 'enum' || field.type === 'jsonb'
          ? joinedText(pieces, field.column, rows)
          : joinedNumbers(pieces, field.column, rows),
      ]),
    ),
  );
}

function joinedNumbers(pieces: readonly Piece[], column: string, rows: number) {
  const numbers = new Float64Array(rows);
  let at = 0;
  for (const { batch, from, until } of pieces) {
    numbers.set(batch.number(column).subarray(from, until), at);
    at += until - from;
  }
  return { kind: 'number', numbers } as const;
}

/** Each batch has its own labels; their codes are mapped to one common list. */
function joinedText(pieces: readonly Piece[], column: string, rows: number) {
  const codeOf = new Map<string, number>();
  const codes = new Int32Array(rows);
  let at = 0;
  for (const { batch, from, until } of pieces) {
    const { codes: own, labels } = batch.codes(column);
    for (let row = from; row < until; row++, at++) {
      if (own[row] < 0) {
        codes[at] = -1;
        continue;
      }
      const label = labels[own[row]];
      const code = codeOf.get(label) ?? codeOf.size;
      codeOf.set(label, code);
      codes[at] = code;
    }
  }
  return { kind: 'text', codes, labels: [...codeOf.keys()] } as const;
}
