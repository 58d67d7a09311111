import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  BAR_TABLES,
  copyInSql,
  copyOutSql,
  DAILY_BARS,
  EMA_TABLES,
  type Database,
  type KeyedTable,
} from '@ta/state-store';

/** The big tables of each component, in the order in which a refresh writes them. */
export const BIG_TABLES: readonly (readonly KeyedTable[])[] = [
  [DAILY_BARS, ...Object.values(BAR_TABLES)],
  Object.values(EMA_TABLES),
];

/** Files with the rows of a database: binary COPY without header and trailer, one file per table and id. */
export interface CopyDump {
  readonly folder: string;
  readonly ids: readonly number[];
  /** Rows after this instant only, epoch ms. */
  readonly afterMs?: number;
}

/** Signature, flags and the length of the (empty) extension. */
const HEADER_BYTES = 19;
/** A tuple of −1 fields. */
const TRAILER_BYTES = 2;
const FILE_CHUNK_BYTES = 1 << 20;

/** Writes the rows of every big table into files, in key order, which is the order in which a refresh writes them. */
export async function dumpRows(database: Database, dump: CopyDump): Promise<void> {
  for (const id of dump.ids) {
    for (const keyed of BIG_TABLES.flat()) {
      const key = [
        keyed.timeColumn,
        ...(keyed.hasTimeframes ? ['tf'] : []),
        ...(keyed.timeColumn === 'ts' ? ['period'] : []),
      ];
      const order = key.map((column) => `"${column}"`).join(', ');
      const sql = copyOutSql(keyed.layout, `WHERE ${rowsOf(dump, keyed, id)} ORDER BY id, ${order}`);
      await database.session(async (session) => {
        const tuples = Readable.from(withoutFrame(session.copyOut(sql)));
        await pipeline(tuples, createWriteStream(fileOf(dump, keyed, id)));
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
            const chunks = createReadStream(fileOf(dump, keyed, id), { highWaterMark: FILE_CHUNK_BYTES });
            const copied = await tx.copyIn(copyInSql(keyed.layout), chunks as AsyncIterable<Uint8Array>);
            rows.set(keyed.table, (rows.get(keyed.table) ?? 0) + copied);
          }
        });
      }
    };
    await Promise.all(Array.from({ length: connections }, worker));
  }
  return rows;
}

/** Deletes the rows of a dump, in a transaction of each id. */
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

function fileOf(dump: CopyDump, keyed: KeyedTable, id: number): string {
  return join(dump.folder, `${keyed.table}.${id}`);
}

/** Takes the header off the first chunk and the trailer off the last. */
async function* withoutFrame(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let toSkip = HEADER_BYTES;
  let held = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const skipped = Math.min(toSkip, chunk.length);
    toSkip -= skipped;
    const bytes = Buffer.concat([held, chunk.subarray(skipped)]);
    const cut = Math.max(0, bytes.length - TRAILER_BYTES);
    if (cut > 0) yield bytes.subarray(0, cut);
    held = bytes.subarray(cut);
  }
}
