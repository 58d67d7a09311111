import { createWriteStream } from 'node:fs';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  BAR_TABLES,
  copyInSql,
  copyOutSql,
  DAILY_BARS,
  EMA_ROWS_LAYOUT,
  type Database,
  type KeyedTable,
} from '@ta/state-store';

/** The packed EMAs, described as a table with its own key. */
const PACKED_EMAS: KeyedTable = {
  table: EMA_ROWS_LAYOUT.table,
  timeColumn: 'ts',
  hasTimeframes: false,
  layout: EMA_ROWS_LAYOUT,
};

/** The slim rows of the bars of one family. */
const SLIM_BARS = Object.values(BAR_TABLES).map(({ rows }): KeyedTable => ({
  table: rows.table,
  timeColumn: 'time_close',
  hasTimeframes: false,
  layout: rows,
}));

/** The big tables of each component, in the order in which a refresh writes them. */
export const BIG_TABLES: readonly (readonly KeyedTable[])[] = [[DAILY_BARS, ...SLIM_BARS], [PACKED_EMAS]];

/** Files with the rows of a database: binary COPY without header and trailer, one file per table and id. */
export interface CopyDump {
  readonly folder: string;
  readonly ids: readonly number[];
  /** Rows after this instant only, epoch ms. */
  readonly afterMs?: number;
}

/** Signature, flags and the length of the (empty) extension. */
const HEADER_BYTES = 19;
const FIELD_COUNT_BYTES = 2;
const FIELD_LENGTH_BYTES = 4;
/** As soon as a chunk has this many bytes, it is cut after its last complete tuple. */
const CHUNK_BYTES = 1 << 20;

/** Writes the rows of every big table into files, in key order, which is the order in which a refresh writes them. */
export async function dumpRows(database: Database, dump: CopyDump): Promise<void> {
  for (const id of dump.ids) {
    for (const keyed of BIG_TABLES.flat()) {
      const { timeColumn } = keyed;
      const key =
        keyed === PACKED_EMAS ? ['series', timeColumn] : [timeColumn, ...(keyed === DAILY_BARS ? [] : ['series'])];
      const order = key.map((column) => `"${column}"`).join(', ');
      const sql = copyOutSql(keyed.layout, `WHERE ${rowsOf(dump, keyed, id)} ORDER BY id, ${order}`);
      await database.session(async (session) => {
        const path = fileOf(dump, keyed, id);
        const lengths: number[] = [];
        const tuples = Readable.from(measured(wholeTuples(session.copyOut(sql)), lengths));
        await pipeline(tuples, createWriteStream(path));
        await writeFile(lengthsOf(path), JSON.stringify(lengths));
        if (keyed !== PACKED_EMAS) return;
        const [{ n }] = await session.query<{ n: number }>(
          `SELECT coalesce(sum(cardinality(ema)), 0)::float8 AS n FROM ema_rows WHERE ${rowsOf(dump, keyed, id)}`,
        );
        await writeFile(valuesOf(path), String(n));
      });
    }
  }
}

/**
 * Copies the files into the tables of an empty database, with nothing computed and nothing else written: the floor of what
 * a refresh of the same rows can cost. As a refresh does, it has one transaction per component and id.
 * @returns rows by table
 */
export async function replayRows(
  database: Database,
  dump: CopyDump,
  connections: number,
): Promise<ReadonlyMap<string, number>> {
  const rows = new Map<string, number>();
  for (const tables of BIG_TABLES) {
    const queue = dump.ids.values();
    const worker = async (): Promise<void> => {
      for (const id of queue) {
        await database.transaction(async (tx) => {
          for (const keyed of tables) {
            const path = fileOf(dump, keyed, id);
            const copied = await tx.copyIn(copyInSql(keyed.layout), chunksOf(path));
            // a refresh counts values, as the tables of the contract show them
            const shown = keyed === PACKED_EMAS ? Number(await readFile(valuesOf(path), 'utf8')) : copied;
            rows.set(keyed.table, (rows.get(keyed.table) ?? 0) + shown);
          }
        });
      }
    };
    await Promise.all(Array.from({ length: connections }, worker));
  }
  return rows;
}

/** Deletes the rows of a dump, in one transaction per id. */
export async function deleteRows(database: Database, dump: CopyDump): Promise<void> {
  for (const id of dump.ids) {
    await database.transaction(async (tx) => {
      for (const keyed of BIG_TABLES.flat())
        await tx.run(`DELETE FROM ${keyed.table} WHERE ${rowsOf(dump, keyed, id)}`);
    });
  }
}

function rowsOf({ afterMs }: CopyDump, { timeColumn }: KeyedTable, id: number): string {
  const after = afterMs === undefined ? '' : ` AND "${timeColumn}" > timestamptz '${new Date(afterMs).toISOString()}'`;
  return `id = ${id}${after}`;
}

/** @throws Error when a COPY did not have as many rows as the refresh wrote */
export function assertSameRows(written: number, copied: ReadonlyMap<string, number>): void {
  const total = [...copied.values()].reduce((sum, rows) => sum + rows, 0);
  if (total !== written) throw new Error(`the refresh wrote ${written} rows, the COPY of them ${total}`);
}

function fileOf(dump: CopyDump, keyed: KeyedTable, id: number): string {
  return join(dump.folder, `${keyed.table}.${id}`);
}

/** Removes header and trailer, and cuts the rest between tuples, because a session needs chunks of complete tuples. */
async function* wholeTuples(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let toSkip = HEADER_BYTES;
  let held = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const skipped = Math.min(toSkip, chunk.length);
    toSkip -= skipped;
    held = Buffer.concat([held, chunk.subarray(skipped)]);
    if (held.length < CHUNK_BYTES) continue;
    const end = endOfTuples(held);
    yield held.subarray(0, end);
    held = held.subarray(end);
  }
  const end = endOfTuples(held);
  if (end > 0) yield held.subarray(0, end);
}

/** Where the last complete tuple ends: each is a count of fields, then per field a length (−1 for NULL) and that many bytes. */
function endOfTuples(bytes: Buffer): number {
  let end = 0;
  for (let at = 0; at + FIELD_COUNT_BYTES <= bytes.length; end = at) {
    const fields = bytes.readInt16BE(at);
    if (fields < 0) return end; // the trailer
    at += FIELD_COUNT_BYTES;
    for (let field = 0; field < fields; field++) {
      if (at + FIELD_LENGTH_BYTES > bytes.length) return end;
      at += FIELD_LENGTH_BYTES + Math.max(0, bytes.readInt32BE(at));
    }
    if (at > bytes.length) return end;
  }
  return end;
}

/** The file beside another one that holds the lengths of its chunks. */
function lengthsOf(path: string): string {
  return `${path}.chunks`;
}

/** The file beside that of packed rows that holds their number of values. */
function valuesOf(path: string): string {
  return `${path}.values`;
}

/** Passes chunks on and records their lengths. */
async function* measured(chunks: AsyncIterable<Uint8Array>, lengths: number[]): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    lengths.push(chunk.length);
    yield chunk;
  }
}

/** Reads a file in the chunks in which it was written. */
async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  const lengths = JSON.parse(await readFile(lengthsOf(path), 'utf8')) as number[];
  const file = await open(path);
  try {
    for (const length of lengths) {
      const { buffer } = await file.read(Buffer.allocUnsafe(length), 0, length);
      yield buffer;
    }
  } finally {
    await file.close();
  }
}
