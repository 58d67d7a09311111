import type { Session } from '@ta/state-store';
import { ValidationError } from '../errors.ts';

/** A row of a query as JSON: numbers, texts (instants as ISO-8601 UTC, NaN and infinities as texts), booleans, null. */
export type JsonRow = Readonly<Record<string, unknown>>;

/** Signature, flags and the length of the header's extension. */
const HEADER_BYTES = 19;

/**
 * Streams the rows of a SELECT without parameters, so that a query with many rows needs no memory for them. The
 * connection is busy until the loop ends: inside of it no other statement may be sent on this session.
 * @throws StoreError
 */
export async function* jsonRows(session: Session, select: string): AsyncGenerator<JsonRow> {
  const sql = `COPY (SELECT row_to_json(found)::text FROM (${select}) found) TO STDOUT WITH (FORMAT binary)`;
  for await (const text of textFields(session.copyOut(sql))) yield parseRow(text);
}

/** All rows of a SELECT that has few of them. */
export async function allRows(session: Session, select: string): Promise<JsonRow[]> {
  const rows: JsonRow[] = [];
  for await (const row of jsonRows(session, select)) rows.push(row);
  return rows;
}

/** The one field of each tuple of a binary COPY. */
async function* textFields(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  let isHeaderRead = false;
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([rest, chunk]);
    let at = 0;
    if (!isHeaderRead) {
      if (bytes.length < HEADER_BYTES) {
        rest = bytes;
        continue;
      }
      at = HEADER_BYTES;
      isHeaderRead = true;
    }
    // a tuple: number of fields, then length and bytes of each; −1 fields is the trailer
    while (at + 6 <= bytes.length && bytes.readInt16BE(at) !== -1) {
      const until = at + 6 + bytes.readInt32BE(at + 2);
      if (until > bytes.length) break;
      yield bytes.toString('utf8', at + 6, until);
      at = until;
    }
    rest = Buffer.from(bytes.subarray(at));
  }
}

function parseRow(text: string): JsonRow {
  try {
    return JSON.parse(text, (_, value: unknown) => (typeof value === 'string' ? isoUtc(value) : value)) as JsonRow;
  } catch (cause) {
    throw new ValidationError('VALIDATION_BAD_RESULT', 'A row of a check is not JSON.', { cause });
  }
}

const UTC_INSTANT = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?)\+00:00$/;

function isoUtc(text: string): string {
  return text.replace(UTC_INSTANT, '$1Z');
}
