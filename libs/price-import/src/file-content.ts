import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ImportError } from './errors.ts';

/** Enough for the longest header; the verdict does not depend on how the source is cut into chunks. */
const PEEK_BYTES = 512;

const ARCHIVES: readonly { name: string; magic: readonly number[] }[] = [
  { name: 'a ZIP archive or an Excel workbook', magic: [0x50, 0x4b, 0x03, 0x04] },
  { name: 'an old Excel workbook', magic: [0xd0, 0xcf, 0x11, 0xe0] },
  { name: 'zstd data', magic: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: 'bzip2 data', magic: [0x42, 0x5a, 0x68] },
  { name: 'xz data', magic: [0xfd, 0x37, 0x7a, 0x58] },
];

/**
 * The plain bytes of a price file: gzip is recognised by content (not by name) and unpacked while streaming.
 *
 * @param chunks the file's bytes, any chunk sizes
 * @param fileName for messages
 * @throws ImportError `IMPORT_EMPTY_FILE` (no byte), `IMPORT_ENCODING` (UTF-16), `IMPORT_NOT_TEXT` (control bytes in
 *   the first line),
 *   `IMPORT_COMPRESSED` (another archive, or damaged gzip data)
 */
export async function* plainBytes(chunks: AsyncIterable<Uint8Array>, fileName: string): AsyncGenerator<Uint8Array> {
  const file = await peek(chunks);
  if (!(file.head[0] === 0x1f && file.head[1] === 0x8b)) {
    assertText(file.head, fileName);
    yield* file.chunks;
    return;
  }
  const content = await peek(gunzip(file.chunks, fileName));
  if (content.head[0] === 0x1f && content.head[1] === 0x8b) throw archiveError(fileName, 'gzip data inside gzip data');
  assertText(content.head, fileName);
  yield* content.chunks;
}

function assertText(head: Uint8Array, fileName: string): void {
  if (head.length === 0) throw emptyFileError(fileName);
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) {
    throw new ImportError('IMPORT_ENCODING', `${fileName} is UTF-16 text; expected UTF-8`, {
      hint: 'Save the file again with the encoding UTF-8.',
      context: { fileName },
    });
  }
  for (const { name, magic } of ARCHIVES) {
    if (magic.every((byte, at) => head[at] === byte)) throw archiveError(fileName, name);
  }
  if (headerOf(head).some(isControlByte)) {
    throw new ImportError('IMPORT_NOT_TEXT', `${fileName} is not text: its first line holds control bytes`, {
      hint: 'If it is UTF-16 text, save it again with the encoding UTF-8.',
      context: { fileName },
    });
  }
}

/** The first line, or as much of it as was peeked; dirt further down costs its own line only. */
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
  // A failure of the source reaches the reader below through the destroyed stream; it is told apart from bad gzip data.
  const source = (async function* () {
    try {
      yield* chunks;
    } catch (error) {
      sourceFailure = error;
      throw error;
    }
  })();
  const feeding = pipeline(Readable.from(source, { objectMode: false }), unpacked).catch(() => undefined);
  try {
    yield* unpacked as AsyncIterable<Uint8Array>;
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

/** The first bytes (at least `PEEK_BYTES`, unless there are fewer) and the whole stream again. */
async function peek(source: AsyncIterable<Uint8Array>) {
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
