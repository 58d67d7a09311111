import { once } from 'node:events';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';

import { COPY_HEADER, COPY_TRAILER } from '../copy/file-format.ts';
import { toStoreError } from '../store-failure.ts';
import { assertCopyIn, assertCopyOut } from './copy-statement.ts';

/** Bytes kept in memory before the producer has to wait. */
const BUFFER_BYTES = 1 << 20;

/** Streams raw tuples into a COPY FROM STDIN; see `Session.copyIn`. */
export async function sendCopy(
  client: pg.PoolClient,
  sql: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<number> {
  assertCopyIn(sql);
  const stream = client.query(copyFrom(sql, { highWaterMark: BUFFER_BYTES }));
  let failure: unknown = null;
  // the server may report an error at any time, even while no code awaits the stream
  const finished = new Promise<void>((resolve) => {
    stream.once('finish', resolve);
    stream.once('error', (error) => {
      failure ??= error;
      resolve();
    });
  });
  const write = async (chunk: Readonly<Uint8Array>): Promise<void> => {
    if (chunk.length > 0 && !stream.write(chunk)) await Promise.race([once(stream, 'drain').catch(() => []), finished]);
  };

  try {
    await write(COPY_HEADER);
    for await (const chunk of chunks) {
      if (failure !== null) break;
      await write(chunk);
    }
  } catch (producerError) {
    if (failure === null) {
      stream.on('error', () => undefined);
      stream.destroy(new Error('the producer of the rows failed'));
      await finished;
    }
    throw producerError;
  }
  if (failure === null) {
    await write(COPY_TRAILER);
    stream.end();
    await finished;
  }
  if (failure !== null) throw toStoreError(failure, { statement: sql });
  return stream.rowCount;
}

/** Streams a COPY TO STDOUT; see `Session.copyOut`. */
export async function* receiveCopy(client: pg.PoolClient, sql: string): AsyncGenerator<Uint8Array, void, undefined> {
  assertCopyOut(sql);
  const stream = client.query(copyTo(sql, { highWaterMark: BUFFER_BYTES }));
  let isAtEnd = false;
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
    isAtEnd = true;
  } catch (error) {
    isAtEnd = true;
    throw toStoreError(error, { statement: sql });
  } finally {
    if (!isAtEnd) {
      // the connection can be used again only after the rest has been read
      stream.on('error', () => undefined);
      stream.resume();
      await once(stream, 'close').catch(() => undefined);
    }
  }
}
