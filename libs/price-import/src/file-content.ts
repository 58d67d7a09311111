import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ImportError } from './errors.ts';

/** Enough for the longest header. The same bytes are judged however the source is cut into chunks. */
const PEEK_BYTES = 512;

const ARCHIVES: readonly { name: string; magic: readonly number[] }[] = [
  { name: 'a ZIP archive or an Excel workbook', magic: [0x50, 0x4b, 0x03, 0x04] },
  { name: 'an old Excel workbook', magic: [0xd0, 0xcf, 0x11, 0xe0] },
  { name: 'zstd data', magic: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: 'bzip2 data', magic: [0x42, 0x5a, 0x68] },
  { name: 'xz data', magic: [0xfd, 0x37, 0x7a, 0x58] },
];

/**
 * The plain bytes of a price file: gzip is recognised by content (not by name) and unpacked while streaming, and UTF-16 with
 * a byte order mark becomes UTF-8.
 *
 * @param chunks the file's bytes, any chunk sizes
 * @param fileName for messages
 * @throws ImportError `IMPORT_EMPTY_FILE` (no byte), `IMPORT_ENCODING` (UTF-16 without a mark), `IMPORT_NOT_TEXT` (control
 *   bytes in the first line), `IMPORT_COMPRESSED` (another archive, or damaged gzip data)
 */
export async function* plainBytes(chunks: AsyncIterable<Uint8Array>, fileName: string): AsyncGenerator<Uint8Array> {
  const file = await peek(chunks);
  if (!isGzip(file.head)) return yield* utf8(file, fileName);
  const content = await peek(gunzip(file.chunks, fileName));
  if (isGzip(content.head)) throw archiveError(fileName, 'gzip data inside gzip data');
  yield* utf8(content, fileName);
}

function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** A stream whose first bytes are known. */
interface Peeked {
  readonly head: Uint8Array;
  readonly chunks: AsyncIterable<Uint8Array>;
}

async function* utf8(content: Peeked, fileName: string): AsyncGenerator<Uint8Array> {
  const encoding = utf16Mark(content.head);
  if (encoding === null && isSpacedWithZeros(content.head)) {
    throw new ImportError('IMPORT_ENCODING', `${fileName} seems to be UTF-16 text without a byte order mark`, {
      hint: 'Save the file again with the encoding UTF-8.',
      context: { fileName },
    });
  }
  const text = encoding === null ? content : await peek(recoded(content.chunks, encoding));
  assertText(text.head, fileName);
  yield* text.chunks;
}

/** The kind of UTF-16 that a byte order mark announces; null without one. */
function utf16Mark(head: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : null;
}

/** The same text in UTF-8, without its byte order mark. */
async function* recoded(chunks: AsyncIterable<Uint8Array>, encoding: string): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding);
  const encoder = new TextEncoder();
  for await (const chunk of chunks) yield encoder.encode(decoder.decode(chunk, { stream: true }));
  yield encoder.encode(decoder.decode());
}

function assertText(head: Uint8Array, fileName: string): void {
  if (head.length === 0) throw emptyFileError(fileName);
  for (const { name, magic } of ARCHIVES) {
    if (magic.every((byte, at) => head[at] === byte)) throw archiveError(fileName, name);
  }
  if (headerOf(head).some(isControlByte)) {
    const problem = 'its first line holds control bytes; save prices as CSV in UTF-8';
    throw new ImportError('IMPORT_NOT_TEXT', `${fileName} is not text: ${problem}`, { context: { fileName } });
  }
}

/** Whether every second one of the first bytes is zero and no other is, as for letters and digits in UTF-16. */
function isSpacedWithZeros(head: Uint8Array): boolean {
  const start = head.subarray(0, 16);
  const isZero = (place: number) => start.every((byte, at) => (byte === 0) === (at % 2 === place));
  return start.length >= 4 && (isZero(0) || isZero(1));
}

/** The first line, or as much of it as was peeked; control bytes further down reject only their own line. */
function headerOf(head: Uint8Array): Uint8Array {
  const end = head.indexOf(0x0a);
  return head.subarray(0, end < 0 ? PEEK_BYTES : Math.min(end, PEEK_BYTES));
}

function isControlByte(byte: number): boolean {
  return byte < 0x20 && byte !== 0x09 && byte !== 0x0d;
}

/** The error for a file without a header line. */
export function emptyFileError(fileName: string): ImportError {
  return new ImportError('IMPORT_EMPTY_FILE', `${fileName} is empty; expected a header line and daily prices`, {
    context: { fileName },
  });
}

function archiveError(fileName: string, found: string): ImportError {
  return new ImportError('IMPORT_COMPRESSED', `${fileName} is ${found}; expected CSV text, plain or gzip`, {
    hint: 'Unpack it, or export it as CSV, and import the CSV file.',
    context: { fileName, found },
  });
}

async function* gunzip(chunks: AsyncIterable<Uint8Array>, fileName: string): AsyncGenerator<Uint8Array> {
  const unpacked = createGunzip();
  let sourceFailure: unknown = null;
  let fedBytes = 0;
  // A failure of the source destroys the stream that is read below; it is kept apart from bad gzip data.
  const source = (async function* () {
    try {
      for await (const chunk of chunks) {
        fedBytes += chunk.length;
        yield chunk;
      }
    } catch (error) {
      sourceFailure = error;
      throw error;
    }
  })();
  const feeding = pipeline(Readable.from(source, { objectMode: false }), unpacked).catch(() => undefined);
  try {
    yield* unpacked as AsyncIterable<Uint8Array>;
    // after a complete gzip member zlib treats a zero byte as the end of the data, whatever follows
    if (fedBytes > unpacked.bytesWritten) throw new Error('zeros follow a complete part of it');
  } catch (error) {
    if (sourceFailure !== null) throw sourceFailure;
    throw new ImportError('IMPORT_COMPRESSED', `${fileName} is damaged gzip data: ${(error as Error).message}`, {
      hint: 'Fetch the file again; it may have been cut off.',
      context: { fileName },
      cause: error,
    });
  } finally {
    unpacked.destroy();
    await feeding;
  }
}

/** Reads the first bytes (at least `PEEK_BYTES`, unless there are fewer); returns them, and the whole stream including them. */
async function peek(source: AsyncIterable<Uint8Array>): Promise<Peeked> {
  const iterator = source[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let size = 0;
  let done = false;
  while (size < PEEK_BYTES && !done) {
    const next = await iterator.next();
    done = next.done === true;
    if (next.done !== true && next.value.length > 0) {
      first.push(next.value);
      size += next.value.length;
    }
  }
  const head = first.length === 1 ? first[0] : Buffer.concat(first);
  const chunks = (async function* (): AsyncGenerator<Uint8Array> {
    try {
      if (size > 0) yield head;
      while (!done) {
        const next = await iterator.next();
        done = next.done === true;
        if (next.done !== true) yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  })();
  return { head, chunks };
}
