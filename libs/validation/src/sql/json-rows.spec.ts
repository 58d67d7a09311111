import type { Session } from '@ta/state-store';
import { describe, expect, it } from 'vitest';
import { allRows } from './json-rows.ts';

const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER = Buffer.of(0xff, 0xff);

/** A row of one field in binary COPY. */
function tuple(text: string): Buffer {
  const head = Buffer.alloc(6);
  head.writeInt16BE(1, 0);
  head.writeInt32BE(Buffer.byteLength(text), 2);
  return Buffer.concat([head, Buffer.from(text)]);
}

/** A session whose every COPY gives these bytes, so many at a time. */
function sending(bytes: Buffer, atOnce: number): Session {
  async function* copyOut(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += atOnce) yield await Promise.resolve(bytes.subarray(at, at + atOnce));
  }
  return { copyOut } as unknown as Session;
}

const TEXTS = ['{"id":1,"name":"Zürich"}', '{"at":"2024-01-02T03:04:05.5+00:00"}', '{"x":null,"y":["NaN"]}'];
const ROWS = [{ id: 1, name: 'Zürich' }, { at: '2024-01-02T03:04:05.5Z' }, { x: null, y: ['NaN'] }];
const BYTES = Buffer.concat([HEADER, ...TEXTS.map(tuple), TRAILER]);

describe('rows as JSON', () => {
  it('are the same wherever the stream of a COPY is cut', async () => {
    for (let atOnce = 1; atOnce <= BYTES.length; atOnce++) {
      expect(await allRows(sending(BYTES, atOnce), 'SELECT')).toEqual(ROWS);
    }
  });

  it('are none where the query has none', async () => {
    expect(await allRows(sending(Buffer.concat([HEADER, TRAILER]), 5), 'SELECT')).toEqual([]);
  });

  it('are refused where a field is no JSON', async () => {
    const bytes = Buffer.concat([HEADER, tuple('{"id":'), TRAILER]);
    await expect(allRows(sending(bytes, 64), 'SELECT')).rejects.toMatchObject({ code: 'VALIDATION_BAD_RESULT' });
  });
});
