import { describe, expect, it } from 'vitest';
import { memoryFile } from '../test/memory.ts';
import { MAX_LINE_LENGTH, readLines } from './read-lines.ts';

async function linesOf(content: string | Uint8Array, chunkBytes: number): Promise<string[]> {
  const lines: string[] = [];
  for await (const some of readLines(memoryFile(content, chunkBytes).open())) lines.push(...some);
  return lines;
}

describe('readLines', () => {
  it('gives the same lines at every chunk size', async () => {
    const content = '\ufeffname,é\r\nπ,\n\n"x"\r\nlast';
    for (let chunkBytes = 1; chunkBytes <= 30; chunkBytes++) {
      expect(await linesOf(content, chunkBytes)).toEqual(['name,é', 'π,', '', '"x"', 'last']);
    }
  });

  it('does not need a last line end and does not invent a line after one', async () => {
    expect(await linesOf('a\nb', 2)).toEqual(['a', 'b']);
    expect(await linesOf('a\nb\n', 2)).toEqual(['a', 'b']);
    expect(await linesOf('', 2)).toEqual([]);
  });

  it('cuts an endless line just above the limit and goes on with the next one', async () => {
    const content = `${'x'.repeat(5 * MAX_LINE_LENGTH)}\nnext\n`;
    for (const chunkBytes of [1000, 100_000, 1_000_000]) {
      const lines = await linesOf(content, chunkBytes);
      expect(lines.map((line) => line.length)).toEqual([MAX_LINE_LENGTH + 1, 4]);
    }
  });

  it('marks bytes that are not UTF-8', async () => {
    expect(await linesOf(Uint8Array.of(0x61, 0xe9, 0x0a, 0x62), 2)).toEqual(['a\ufffd', 'b']);
    expect(await linesOf(Uint8Array.of(0x61, 0xe2, 0x82), 2)).toEqual(['a\ufffd']);
  });
});
