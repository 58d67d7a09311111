import { describe, expect, it } from 'vitest';
import { memoryFile } from '../test/memory.ts';
import { cutLines, fieldsOf } from './cut-lines.ts';
import { MAX_LINE_LENGTH, readBlocks, type TextBlock } from './read-blocks.ts';

async function blocksOf(content: string | Uint8Array, chunkBytes: number): Promise<TextBlock[]> {
  const blocks: TextBlock[] = [];
  for await (const block of readBlocks(memoryFile(content, chunkBytes).open())) blocks.push(block);
  return blocks;
}

async function linesOf(content: string | Uint8Array, chunkBytes: number): Promise<string[]> {
  const blocks = await blocksOf(content, chunkBytes);
  return blocks.flatMap(({ text }) => text.split('\n'));
}

describe('readBlocks', () => {
  it('gives the same lines at every chunk size', async () => {
    const content = '\ufeffname,é\r\nπ,\n\n"x"\r\nlast';
    for (let chunkBytes = 1; chunkBytes <= 30; chunkBytes++) {
      expect(await linesOf(content, chunkBytes)).toEqual(['name,é', 'π,', '', '"x"', 'last']);
    }
  });

  it('does not need a last line end and does not invent a line after one', async () => {
    expect(await linesOf('a\nb', 2)).toEqual(['a', 'b']);
    expect(await linesOf('a\nb\r\n', 2)).toEqual(['a', 'b']);
    expect(await linesOf('', 2)).toEqual([]);
  });

  it('cuts an endless line just above the limit and goes on with the next one', async () => {
    const content = `${'x'.repeat(5 * MAX_LINE_LENGTH)}\nnext\n`;
    for (const chunkBytes of [1000, 100_000]) {
      const blocks = await blocksOf(content, chunkBytes);
      expect(blocks.some(({ hasLongLine }) => hasLongLine)).toBe(true);
      const lines = blocks.flatMap((block) => cutLines(block, ','));
      expect(lines).toEqual([expect.objectContaining({ reason: 'line_too_long' }), ['next']]);
    }
  });

  it('marks bytes that are not UTF-8', async () => {
    expect(await linesOf(Uint8Array.of(0x61, 0xe9, 0x0a, 0x62), 2)).toEqual(['a\ufffd', 'b']);
    expect(await linesOf(Uint8Array.of(0x61, 0xe2, 0x82), 2)).toEqual(['a\ufffd']);
  });
});

describe('a line', () => {
  const block = (...lines: string[]): TextBlock => ({
    text: lines.join('\n'),
    hasLongLine: false,
  });

  it.each([
    ['a,b,c', ['a', 'b', 'c']],
    [' a , b ,', ['a', 'b', '']],
    [',', ['', '']],
    ['"a","b"', ['a', 'b']],
    ['"a,b",c', ['a,b', 'c']],
    ['"say ""hi""",x', ['say "hi"', 'x']],
    ['""', ['']],
    ['x, "0" ,""', ['x', '0', '']],
    ['"""say"" it","a ""b""" ,""', ['"say" it', 'a "b"', '']],
    ['"",""', ['', '']],
    [' "a" , "b" ', ['a', 'b']],
    [' "a,b" , "c" ', ['a,b', 'c']],
    ['a,"b",', ['a', 'b', '']],
    ['""""', ['"']],
  ])('is cut: %j', (line, fields) => {
    expect(fieldsOf(line, ',')).toEqual(fields);
  });

  it.each([
    ['a,"b', 'unclosed_quote'],
    ['"a""', 'unclosed_quote'],
    ['x,$ "" ,"y"', 'misplaced_quote'],
    ['"a"b,c', 'misplaced_quote'],
    ['a"b,c', 'misplaced_quote'],
    ['a,b"', 'misplaced_quote'],
  ])('with broken quoting costs no other line: %j', (line, reason) => {
    const cut = cutLines(block('"first",1', line, '"last",2'), ',');
    expect(cut).toEqual([['first', '1'], expect.objectContaining({ reason }), ['last', '2']]);
    expect(fieldsOf(line, ',')).toBeNull();
  });

  it('is cut at the given separator only', () => {
    expect(fieldsOf('a,b;"c;d"', ';')).toEqual(['a,b', 'c;d']);
    expect(fieldsOf('a;b\t"c\td"', '\t')).toEqual(['a;b', 'c\td']);
  });
});
