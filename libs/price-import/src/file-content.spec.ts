import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { memoryFile } from '../test/memory.ts';
import { plainBytes } from './file-content.ts';

const TEXT = `header\n${'1,2,3\n'.repeat(2_000)}`;
/** Longer than what is looked at first, and short enough to be handed on byte by byte. */
const SHORT_TEXT = `header\n${'1,2,3\n'.repeat(300)}`;

async function contentOf(bytes: string | Uint8Array, chunkBytes: number): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of plainBytes(memoryFile(bytes, chunkBytes).open(), 'f.csv')) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

describe('plainBytes', () => {
  it.each([1, 3, 1000, 1_000_000])('passes plain text and unpacks gzip in chunks of %i', async (chunkBytes) => {
    for (const text of chunkBytes < 10 ? [SHORT_TEXT] : [SHORT_TEXT, TEXT]) {
      expect(await contentOf(text, chunkBytes)).toBe(text);
      expect(await contentOf(gzipSync(text), chunkBytes)).toBe(text);
    }
  });

  it('unpacks gzip files that were put one behind the other', async () => {
    expect(await contentOf(Buffer.concat([gzipSync('a\n'), gzipSync('b\n')]), 7)).toBe('a\nb\n');
  });

  it.each([1, 3, 1000])(
    'decodes UTF-16 with a byte order mark in chunks of %i, also inside gzip',
    async (chunkBytes) => {
      const text = `Tag,Schluß,€,😀\r\n${chunkBytes < 10 ? SHORT_TEXT : TEXT}`;
      for (const bytes of [utf16(text), utf16(text).swap16(), gzipSync(utf16(text))]) {
        expect(await contentOf(bytes, chunkBytes)).toBe(text);
      }
    },
  );

  it('does not refuse a file for dirt below its first line', async () => {
    expect(await contentOf('header\n\u0000\u0001\n', 3)).toBe('header\n\u0000\u0001\n');
  });

  it.each([
    ['an empty file', '', 'IMPORT_EMPTY_FILE'],
    ['an empty gzip file', gzipSync(''), 'IMPORT_EMPTY_FILE'],
    ['UTF-16 without a mark', Buffer.from('timeOpen,timeClose', 'utf16le'), 'IMPORT_ENCODING'],
    ['UTF-16 without a mark, big endian', Buffer.from('timeOpen,timeClose', 'utf16le').swap16(), 'IMPORT_ENCODING'],
    ['a mark of UTF-16 and nothing else', Uint8Array.of(0xff, 0xfe), 'IMPORT_EMPTY_FILE'],
    ['UTF-32', Buffer.from('fffe00004100000042000000', 'hex'), 'IMPORT_NOT_TEXT'],
    ['binary garbage', Buffer.from('7f454c4602010100', 'hex'), 'IMPORT_NOT_TEXT'],
    ['a workbook', Buffer.from('504b0304140006000800', 'hex'), 'IMPORT_COMPRESSED'],
    ['zstd data', Buffer.from('28b52ffd0458', 'hex'), 'IMPORT_COMPRESSED'],
    ['gzip inside gzip', gzipSync(gzipSync(TEXT)), 'IMPORT_COMPRESSED'],
    ['gzip that ends too early', gzipSync(TEXT).subarray(0, 40), 'IMPORT_COMPRESSED'],
    ['gzip with a flipped bit', flipped(gzipSync(TEXT)), 'IMPORT_COMPRESSED'],
    ['zeros behind gzip', Buffer.concat([gzipSync(TEXT), Buffer.alloc(4)]), 'IMPORT_COMPRESSED'],
    ['gzip behind zeros', Buffer.concat([gzipSync(TEXT), Buffer.alloc(2_000), gzipSync(TEXT)]), 'IMPORT_COMPRESSED'],
    ['two bytes that only look like gzip', Uint8Array.of(0x1f, 0x8b), 'IMPORT_COMPRESSED'],
  ] as const)('refuses %s', async (_, bytes, code) => {
    await expect(contentOf(bytes, 1_000)).rejects.toMatchObject({ code, message: expect.stringContaining('f.csv') });
  });

  it('passes a failure of the source on, also through gzip', async () => {
    const packed = gzipSync(TEXT);
    const failing = async function* () {
      yield packed.subarray(0, 20);
      throw new Error('disk gone');
    };
    await expect(plainBytes(failing(), 'f.csv').next()).rejects.toThrow('disk gone');
  });

  it('closes the source when the reader stops early', async () => {
    for (const bytes of [Buffer.from(TEXT), gzipSync(TEXT.repeat(50))]) {
      let isClosed = false;
      const watched = async function* () {
        try {
          for (let from = 0; from < bytes.length; from += 10) yield bytes.subarray(from, from + 10);
        } finally {
          isClosed = true;
        }
      };
      for await (const part of plainBytes(watched(), 'f.csv')) if (part.length > 0) break;
      expect(isClosed).toBe(true);
    }
  });
});

function utf16(text: string): Buffer {
  return Buffer.from(`\ufeff${text}`, 'utf16le');
}

function flipped(bytes: Buffer): Buffer {
  bytes[bytes.length - 6] ^= 1;
  return bytes;
}
