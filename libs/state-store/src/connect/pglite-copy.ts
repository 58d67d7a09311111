import type { PGlite, Transaction } from '@electric-sql/pglite';
import { COPY_HEADER, COPY_TRAILER } from '../copy/file-format.ts';
import { toStoreError } from '../store-failure.ts';
import { assertCopyIn, assertCopyOut } from './copy-statement.ts';
import { assertRoom } from './disk-room.ts';
import { letOthersIn } from './let-others-in.ts';

/** The methods that a transaction of PGlite and PGlite itself have in common. */
export type PgliteRunner = Pick<Transaction, 'query' | 'exec'>;

/**
 * Bytes of input after which a COPY statement is sent, because PGlite keeps the whole input in memory; a longer stream becomes
 * several statements.
 */
const STATEMENT_BYTES = 16 << 20;

/** Bytes of one chunk handed to a reader. */
const CHUNK_BYTES = 1 << 20;

/** Sends raw tuples through PGlite's `/dev/blob`; see `Session.copyIn`. @param dir folder of the database, null in memory */
export async function sendBlobs(
  runner: PgliteRunner,
  sql: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  dir: string | null,
): Promise<number> {
  assertCopyIn(sql);
  const statement = sql.replace(/\bFROM\s+STDIN\b/i, "FROM '/dev/blob'");
  let parts: Uint8Array[] = [];
  let bytes = 0;
  let rows = 0;
  const flush = async (): Promise<void> => {
    await assertRoom(dir);
    const blob = new Blob([COPY_HEADER, ...parts, COPY_TRAILER] as Uint8Array<ArrayBuffer>[]);
    parts = [];
    bytes = 0;
    try {
      const result = await runner.query(statement, [], { blob });
      rows += result.affectedRows ?? 0;
    } catch (error) {
      throw toStoreError(error, { statement: sql });
    }
  };
  for await (const chunk of chunks) {
    parts.push(chunk);
    bytes += chunk.length;
    if (bytes >= STATEMENT_BYTES) await flush();
    await letOthersIn();
  }
  // the rest is sent even if it is empty, so that a wrong table or column is reported for an empty stream as well
  await flush();
  return rows;
}

/** Reads a binary COPY through PGlite's `/dev/blob`, which requires a superuser; see `Session.copyOut`. */
export async function* readBlob(
  runner: PgliteRunner,
  sql: string,
  isTransaction: boolean,
): AsyncGenerator<Uint8Array, void, undefined> {
  const statement = sql.replace(/\bTO\s+STDOUT\b/i, "TO '/dev/blob'");
  let blob: Blob | undefined;
  try {
    blob = (await runner.query(statement)).blob;
  } catch (error) {
    // output written before the failure would precede the next result, so it is cleared; inside a transaction ROLLBACK does that
    if (!isTransaction) await runner.exec('SELECT 1').catch(() => undefined);
    throw toStoreError(error, { statement: sql });
  }
  if (blob === undefined) return;
  const bytes = new Uint8Array(await blob.arrayBuffer());
  for (let from = 0; from < bytes.length; from += CHUNK_BYTES) yield bytes.subarray(from, from + CHUNK_BYTES);
}

/**
 * Reads any COPY through the protocol, with the rights of the session; see `Session.copyOut`. The whole result is in memory as a
 * list of rows.
 */
export async function* readCopyMessages(
  pglite: Pick<PGlite, 'execProtocol'>,
  sql: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  assertCopyOut(sql);
  const text = new TextEncoder().encode(`${sql}\0`);
  const message = new Uint8Array(5 + text.length);
  message[0] = 'Q'.charCodeAt(0);
  new DataView(message.buffer).setInt32(1, 4 + text.length);
  message.set(text, 5);
  try {
    const { messages } = await pglite.execProtocol(message);
    for (const answer of messages) if ('chunk' in answer) yield answer.chunk as Uint8Array;
  } catch (error) {
    throw toStoreError(error, { statement: sql });
  }
}
